class Order < ApplicationRecord
  # Rails asks for the columns once, when it starts: what a later migration drops must be left alone by all code that runs then.
  self.ignored_columns = %w[gift]

  validates :item, presence: true
  validates :quantity, numericality: { only_integer: true, greater_than: 0 }

  scope :newest, -> { order(id: :desc).limit(100) }
  scope :waiting, -> { where(packed_at: nil).order(:id) }

  # Packs the oldest order that waits; nil if there is none. Any number of workers may do so: an order that one has locked is passed over by
  # the others, and one that was not packed to the end waits again.
  def self.pack_next
    transaction do
      waiting.lock("FOR UPDATE SKIP LOCKED").first&.tap { |order| order.update!(packed_at: Time.current) }
    end
  end
end
