Rails.application.configure do
  config.eager_load = false
  config.consider_all_requests_local = true
  # An error becomes the answer that users get.
  config.action_dispatch.show_exceptions = Rails::VERSION::STRING.to_f < 7.1 ? true : :rescuable
end
