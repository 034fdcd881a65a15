class CreateOrders < ActiveRecord::Migration[5.2]
  def change
    create_table :orders do |t|
      t.string :item, null: false
      t.integer :quantity, null: false, default: 1
      t.boolean :gift, null: false, default: false
      t.datetime :packed_at
      t.timestamps
    end
    add_index :orders, :id, where: "packed_at IS NULL", name: :index_orders_waiting
  end
end
