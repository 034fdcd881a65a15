require "json"
require "logger"

# Logs that CloudWatch Logs can be asked by field: one JSON object a line, with the request it belongs to.
module JsonLog
  CONTEXT = :json_log_context

  # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
  TRACE = "HTTP_X_AMZN_TRACE_ID".freeze

  def self.logger(output)
    ActiveSupport::Logger.new(output).tap { |logger| logger.formatter = Formatter.new }
  end

  def self.context
    Thread.current[CONTEXT] || {}
  end

  class Formatter < ::Logger::Formatter
    def call(severity, time, _progname, message)
      fields = message.is_a?(Hash) ? message : { message: text(message) }
      JSON.generate({ time: time.utc.strftime("%FT%T.%LZ"), level: severity }.merge(JsonLog.context, fields)) << "\n"
    end

    private

    def text(message)
      message.is_a?(String) ? message.dup.force_encoding(Encoding::UTF_8).scrub.strip : msg2str(message)
    end
  end

  # Stands behind ActionDispatch::RequestId. The health check's own requests are not written.
  class Requests
    def initialize(app)
      @app = app
    end

    def call(env)
      began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      # Rails changes both when it answers with an error page.
      asked = { method: env["REQUEST_METHOD"], path: env["PATH_INFO"] }
      Thread.current[CONTEXT] = { request_id: env["action_dispatch.request_id"], trace_id: env[TRACE] }.compact
      answer = @app.call(env)
      write(asked, answer[0], began) unless asked[:path] == "/up"
      answer
    ensure
      Thread.current[CONTEXT] = nil
    end

    private

    def write(asked, status, began)
      milliseconds = ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - began) * 1000).round(1)
      Rails.logger.info(asked.merge(status: status, ms: milliseconds))
    end
  end
end
