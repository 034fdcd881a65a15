"""The tests of examples/shop itself, and its settings, on the Rails of this machine: each command is a task beside a PostgreSQL."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest

from emulator import process
from tests.support import fargate
from tests.support import shop as shops
from tests.support.emulated import Emulated
from tests.support.twins import Twins
from tests.tasks.conftest import Folders
from tests.tasks.test_postgres import create

ALL = ("CreateOrders", "AddNoteToOrders", "RemoveGiftFromOrders")
COLUMNS = "puts Order.connection.columns(:orders).map { |one| [one.name, one.type, one.null, one.default] }.sort.to_json"
SECRETS = """
require "rails/secrets"
require "active_support/core_ext/hash/deep_merge"
File.write("config/secrets.yml.key", ARGV[0])
Rails::Secrets.root = Pathname.pwd
Rails::Secrets.write("production:\\n  secret_key_base: #{ARGV[1]}\\n")
File.delete("config/secrets.yml.key")
"""


@pytest.fixture
def shop(_programs: Emulated, folders: Folders, tmp_path: Path) -> Twins:
    _programs.reset()
    stage = Twins(fargate.build(_programs), process.PROCESS, tmp_path)
    process.control(_programs.state, "programs", shop={"folder": str(folders(ALL)), "command": ["bin/rails", "server"]})
    return stage


def rails(shop: Twins, url: str, *words: str) -> tuple[int, list[str]]:
    """Exit code and lines of a command of Rails, for tests."""
    given = {"DATABASE_URL": url, "RAILS_ENV": "test", "RAILS_MASTER_KEY": "0" * 32}
    environment = [{"name": name, "value": value} for name, value in given.items()]
    task = shop.run("shop", container={"command": ["bin/rails", *words], "environment": environment})
    return task["containers"][0]["exitCode"], shop.lines(task["taskArn"])


def test_its_requests_and_models_are_right_on_the_schema_that_it_has(shop: Twins) -> None:
    url = create(shop)
    code, lines = rails(shop, url, "db:schema:load")
    assert code == 0, lines
    code, loaded = rails(shop, url, "runner", COLUMNS)
    assert code == 0, loaded
    code, lines = rails(shop, url, "test")
    assert code == 0 and any(line.startswith("6 runs, ") and "0 failures, 0 errors, 0 skips" in line for line in lines), lines

    other = create(shop, "other")
    code, lines = rails(shop, other, "db:migrate")
    assert code == 0, lines
    code, migrated = rails(shop, other, "runner", COLUMNS)
    assert json.loads(migrated[-1]) == json.loads(loaded[-1]), "db/schema.rb is not what db/migrate makes"


def test_the_secrets_of_rails_5_are_opened_by_the_same_key(tmp_path: Path) -> None:
    folder, key, base = tmp_path / "shop", secrets.token_hex(16), secrets.token_hex(32)
    shops.versions().make(folder, 1, key=key)
    (folder / "config/credentials.yml.enc").unlink()
    environment = {**os.environ, "BUNDLE_GEMFILE": str(folder / "Gemfile"), "RAILS_ENV": "production", "RAILS_LOG_TO_STDOUT": "1"}

    def ruby(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=folder, env={**environment, **more}, capture_output=True, text=True, check=False)

    written = ruby("bundle", "exec", "ruby", "-e", f'require "rails"\n{SECRETS}', key, base)
    assert written.returncode == 0, written.stderr
    assert (folder / "config/secrets.yml.enc").is_file() and base not in (folder / "config/secrets.yml.enc").read_text()
    asked = ("bin/rails", "runner", "puts Rails.application.secret_key_base")
    opened = ruby(*asked, RAILS_MASTER_KEY=key, DATABASE_URL="postgres://127.0.0.1/none")
    assert opened.stdout.splitlines()[-1:] == [base], opened.stderr
    refused = ruby(*asked, DATABASE_URL="postgres://127.0.0.1/none")
    assert refused.returncode != 0 and "RAILS_MASTER_KEY" in refused.stdout + refused.stderr
