threads_count = ENV.fetch("RAILS_MAX_THREADS", 5)
threads threads_count, threads_count

port ENV.fetch("PORT", 3000)
workers ENV.fetch("WEB_CONCURRENCY", 0)

# The load balancer keeps idle connections for 60 seconds. The server must keep them longer, or a request meets a closed one: 502.
persistent_timeout 75
