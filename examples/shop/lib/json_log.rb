require "json"
require "logger"
require "net/http"

# Logs that CloudWatch Logs can be asked by field: one JSON object a line, with the request it belongs to.
module JsonLog
  CONTEXT = :json_log_context

  # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
  TRACE = "HTTP_X_AMZN_TRACE_ID".freeze

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
  METADATA = "ECS_CONTAINER_METADATA_URI_V4".freeze
  FAMILY, VERSION = %w[family version].map { |name| "com.amazonaws.ecs.task-definition-#{name}".freeze }

  # Which process of which task definition this is, asked once of ECS; each release has task definitions of its own.
  def self.origin
    @origin ||= begin
      known = ENV[METADATA].to_s.empty? ? {} : metadata(URI(ENV[METADATA]))
      labels = known.fetch("Labels", {})
      { process: known["Name"], release: labels[FAMILY] && labels.values_at(FAMILY, VERSION).join(":") }.compact
    end
  end

  # A container that is not told where it is writes its lines nevertheless.
  def self.metadata(uri)
    answer = Net::HTTP.start(uri.host, uri.port, open_timeout: 1, read_timeout: 1) { |http| http.get(uri.request_uri) }
    JSON.parse(answer.body)
  rescue StandardError
    {}
  end

  # The id that traces have, of the load balancer's header: Root=1-<8 digits>-<24 digits>.
  def self.trace_id(header)
    header.to_s[/Root=1-(\h{8}-\h{24})/, 1].to_s.delete("-")[/.+/]
  end

  def self.logger(output)
    ActiveSupport::Logger.new(output).tap { |logger| logger.formatter = Formatter.new }
  end

  def self.context
    Thread.current[CONTEXT] || {}
  end

  class Formatter < ::Logger::Formatter
    def call(severity, time, _progname, message)
      fields = message.is_a?(Hash) ? message : { message: text(message) }
      JSON.generate({ time: time.utc.strftime("%FT%T.%LZ"), level: severity }.merge(JsonLog.origin, JsonLog.context, fields)) << "\n"
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
      Thread.current[CONTEXT] = { request_id: env["action_dispatch.request_id"], trace_id: env[TRACE], traceId: JsonLog.trace_id(env[TRACE]) }.compact
      answer = @app.call(env)
      write(asked.merge(action: action(env), exception: exception(env)).compact, answer[0], began) unless asked[:path] == "/up"
      answer
    ensure
      Thread.current[CONTEXT] = nil
    end

    private

    # `orders#index`; nothing where no route was found.
    def action(env)
      found = env["action_dispatch.request.path_parameters"] || {}
      found[:controller] && "#{found[:controller]}##{found[:action]}"
    end

    # What Rails has answered with an error page.
    def exception(env)
      error = env["action_dispatch.exception"]
      error && { class: error.class.name, message: error.message.to_s[0, 500] }
    end

    def write(asked, status, began)
      milliseconds = ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - began) * 1000).round(1)
      Rails.logger.info(asked.merge(status: status, ms: milliseconds))
    end
  end
end
