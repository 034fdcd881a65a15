# One line a request is enough: lib/json_log.rb writes it.
ActiveSupport.on_load(:action_controller) do
  require "action_controller/log_subscriber"
  ActionController::LogSubscriber.detach_from(:action_controller)
end
