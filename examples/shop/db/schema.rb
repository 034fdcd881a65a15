# What the migrations make of an empty database, for tests. Each version of Rails writes it a little differently.
ActiveRecord::Schema.define(version: 2026_01_31_140000) do
  create_table :orders do |t|
    t.string :item, null: false
    t.integer :quantity, default: 1, null: false
    t.datetime :packed_at
    t.datetime :created_at, null: false
    t.datetime :updated_at, null: false
    t.string :note
    t.index [:id], name: :index_orders_waiting, where: "(packed_at IS NULL)"
  end
end
