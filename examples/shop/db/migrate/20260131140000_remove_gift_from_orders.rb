# Destroys: it comes a release after the code that no longer uses the column (`ignored_columns` in app/models/order.rb). A protected
# environment runs it by `playbooks/migrate.yml -e allow_destructive_migrations=yes` only.
class RemoveGiftFromOrders < ActiveRecord::Migration[5.2]
  def up
    remove_column :orders, :gift
  end

  def down
    add_column :orders, :gift, :boolean, null: false, default: false
  end
end
