require "test_helper"

class HealthTest < ActionDispatch::IntegrationTest
  test "the health check asks no database" do
    asked = 0
    ActiveSupport::Notifications.subscribed(->(*) { asked += 1 }, "sql.active_record") { get "/up" }
    assert_response :ok
    assert_equal 0, asked
  end
end
