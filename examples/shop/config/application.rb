require_relative "boot"

require "rails"
require "active_model/railtie"
require "active_record/railtie"
require "action_controller/railtie"

Bundler.require(*Rails.groups)

require_relative "../lib/json_log"

module Shop
  class Application < Rails::Application
    config.load_defaults Rails::VERSION::STRING.to_f
    config.api_only = true
    config.time_zone = "UTC"

    # One JSON object a line, and one line a request.
    config.middleware.insert_after ActionDispatch::RequestId, JsonLog::Requests
    config.middleware.delete Rails::Rack::Logger
  end
end
