require "test_helper"

class OrderTest < ActiveSupport::TestCase
  test "the oldest order is packed first, and each once" do
    first, second = %w[tea coffee].map { |item| Order.create!(item: item) }
    assert_equal [first, second, nil], Array.new(3) { Order.pack_next }
    assert_empty Order.waiting
  end
end
