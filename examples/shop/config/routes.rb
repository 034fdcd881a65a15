Rails.application.routes.draw do
  # Asked every few seconds. It says that this task serves, and asks nobody else: a slow database must not take all tasks out of service.
  get "/up", to: ->(_env) { [200, { "content-type" => "text/plain" }, ["ok\n"]] }

  resources :orders, only: %i[index create]
end
