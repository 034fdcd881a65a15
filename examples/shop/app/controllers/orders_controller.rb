class OrdersController < ApplicationController
  def index
    render json: Order.newest
  end

  def create
    order = Order.new(params.require(:order).permit(:item, :quantity, :note))
    if order.save
      render json: order, status: :created
    else
      render json: { errors: order.errors.full_messages }, status: 422
    end
  end
end
