require "test_helper"

class OrdersTest < ActionDispatch::IntegrationTest
  test "an order that is made is listed first" do
    Order.create!(item: "coffee", quantity: 1)
    post "/orders", params: { order: { item: "tea", quantity: 2, note: "gift" } }, as: :json
    assert_response :created
    get "/orders"
    assert_response :ok
    assert_equal %w[tea coffee], response.parsed_body.map { |order| order["item"] }
    assert_equal "gift", response.parsed_body.first["note"]
  end

  test "an order of nothing is refused, with what is wrong" do
    assert_no_difference -> { Order.count } do
      post "/orders", params: { order: { item: "tea", quantity: 0 } }, as: :json
    end
    assert_response 422
    assert_equal ["Quantity must be greater than 0"], response.parsed_body["errors"]
  end

  test "a request without an order is refused" do
    post "/orders", params: {}, as: :json
    assert_response 400
  end

  test "the column that a later migration drops is not used" do
    assert_not_includes Order.column_names, "gift"
  end
end
