# Expands: the code that runs knows nothing of the new column, and loses nothing by it.
class AddNoteToOrders < ActiveRecord::Migration[5.2]
  def up
    add_column :orders, :note, :string
    execute "UPDATE orders SET note = 'gift' WHERE gift"
  end

  def down
    remove_column :orders, :note
  end
end
