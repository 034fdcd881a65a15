Rails.application.configure do
  config.eager_load = true
  config.consider_all_requests_local = false
  config.active_record.dump_schema_after_migration = false

  # RAILS_MASTER_KEY opens config/credentials.yml.enc, and config/secrets.yml.enc of Rails 5.1 to 7.1; without it nothing starts.
  config.require_master_key = true
  config.read_encrypted_secrets = true if Rails.root.join("config/secrets.yml.enc").exist?

  # The load balancer ends TLS, and asks for /up by the task's address and over HTTP.
  health = ->(request) { request.path == "/up" }
  config.force_ssl = ENV.fetch("RAILS_FORCE_SSL", "1") == "1"
  config.ssl_options = { redirect: { exclude: health } }
  config.hosts = ENV.fetch("RAILS_HOSTS", "").split(",")
  config.host_authorization = { exclude: health }

  config.log_level = ENV.fetch("RAILS_LOG_LEVEL", "info").to_sym
  output = ENV["RAILS_LOG_TO_STDOUT"].to_s.empty? ? config.paths["log"].first : $stdout
  $stdout.sync = true
  config.logger = JsonLog.logger(output)
end
