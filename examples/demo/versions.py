"""Versions of examples/shop, each in a folder of its own: what a team would have in commits."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHOP = HERE.parent / "shop"
INSTALL = "sudo apt-get install --no-install-recommends ruby-rails puma ruby-pg ruby-bootsnap ruby-bundler postgresql"
MISSING = f"A Ruby with Rails, puma and pg, or PostgreSQL, is missing on this machine. Debian and Ubuntu: {INSTALL}"
GEMS = "require 'bundler'; %w[rails pg puma bootsnap].each { |name| Gem::Specification.find_by_name(name) }"
# A page for a browser, and in each answer the version that gave it.
PAGE = """
Rails.application.config.action_dispatch.default_headers["X-Version"] = "{version}"
"""
ROUTE = """  root to: ->(_env) {{
    rows = Order.newest.limit(10).map {{ |order| "<li>#{{order.quantity}} of #{{ERB::Util.h(order.item)}}</li>" }}.join
    page = "<title>shop</title><h1>shop, version {version}</h1><p>#{{Order.count}} orders; the newest:</p><ul>#{{rows}}</ul>"
    [200, {{ "content-type" => "text/html; charset=utf-8", "x-version" => "{version}" }}, [page]]
  }}
"""
FIRST = "20250101000000_create_orders.rb"
# The migrations of examples/shop after its first one: one expands, one destroys.
LATER = "20260131120000_add_note_to_orders.rb", "20260131140000_remove_gift_from_orders.rb"
ADD_ITEM = """class AddItemToOrders < ActiveRecord::Migration[5.2]
  def change
    add_column :orders, :item, :string
  end
end
"""
ADDED, DROPPED = ((name, (SHOP / "db/migrate" / name).read_text()) for name in LATER)
# What a version needs to run, beside what examples/shop has.
READY = "Gemfile.lock", "config/credentials.yml.enc"
FAILING = "20260131130000_add_item_to_orders.rb", ADD_ITEM
CRASH = 'Rails.application.config.after_initialize { raise "PAYMENT_URL is not set" if defined?(Rails::Server) }\n'


def possible() -> bool:
    """Whether examples/shop can run here."""
    if not shutil.which("ruby") or not _postgres():
        return False
    return subprocess.run(["ruby", "-e", GEMS], capture_output=True, check=False).returncode == 0


def _postgres() -> bool:
    from emulator.executors import postgres

    return postgres.found() is not None


def make(
    folder: Path,
    version: int,
    *,
    migrations: tuple[tuple[str, str], ...] = (),
    crash: bool = False,
    key: str = "",
    like: Path | None = None,
) -> Path:
    """The version in a new folder, ready to be pushed. `migrations`: those that it has after the first. `key`: that of its credentials.
    `like`: another version, whose gems and credentials it has.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SHOP, folder)
    shutil.copy(HERE / "Gemfile", folder / "Gemfile")
    (folder / "Gemfile.lock").unlink()
    (folder / "config/initializers/version.rb").write_text(PAGE.format(version=version))
    routes = folder / "config/routes.rb"
    routes.write_text(routes.read_text().replace("  resources", ROUTE.format(version=version) + "\n  resources", 1))
    for path in (folder / "db/migrate").glob("*.rb"):
        if path.name != FIRST:
            path.unlink()
    for name, code in migrations:
        (folder / "db/migrate" / name).write_text(code)
    if crash:
        (folder / "config/initializers/payment.rb").write_text(CRASH)
    if like is None:
        _ready(folder, key)
    else:
        for name in READY:
            shutil.copy(like / name, folder / name)
    return folder


def new_key() -> str:
    """A key of Rails' credentials, as config/master.key has it."""
    return secrets.token_hex(16)


def _ready(folder: Path, key: str) -> None:
    """Its Gemfile.lock, and its encrypted credentials."""
    environment = {**os.environ, "BUNDLE_GEMFILE": str(folder / "Gemfile")}
    for command in (["bundle", "install", "--local", "--quiet"], ["bundle", "exec", "ruby", "-e", CREDENTIALS, key, key * 4]):
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command[:3])} failed in {folder}:\n{done.stdout}{done.stderr}")


CREDENTIALS = """
require "active_support"
require "active_support/encrypted_file"
ENV["RAILS_MASTER_KEY"] = ARGV[0]
paths = { content_path: "config/credentials.yml.enc", key_path: "config/master.key" }
ActiveSupport::EncryptedFile.new(**paths, env_key: "RAILS_MASTER_KEY", raise_if_missing_key: true).write("secret_key_base: #{ARGV[1]}\\n")
"""
