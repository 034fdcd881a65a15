namespace :worker do
  desc "Pack orders until SIGTERM, one after the other"
  task run: :environment do
    stopping = false
    %w[TERM INT].each { |signal| trap(signal) { stopping = true } }
    Rails.logger.info("worker started")
    until stopping
      order = Order.pack_next
      order ? Rails.logger.info(packed: order.id) : sleep(1)
    end
    Rails.logger.info("worker stopped")
  end
end
