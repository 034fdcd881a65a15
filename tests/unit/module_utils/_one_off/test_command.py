"""Commands word by word, and which of them say that they change the schema."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._one_off.command import changes_schema, words

DDL = "bin/rails runner 'ActiveRecord::Base.connection.{}'"


@pytest.mark.parametrize(
    "line",
    [
        "bin/rails db:migrate",
        "bin/rails db:migrate:queue",
        "bin/rails db:queue:migrate",
        "bin/rails db:migrate:up VERSION=20260101000000",
        "bundle exec rake db:rollback STEP=2",
        "bin/rails db:rollback:primary",
        "bin/rails db:schema:load:queue",
        "bin/rails db:prepare",
        "bin/rails data:migrate",
        "bin/rails db:migrate:with_data",
        "bin/setup --skip-server",
        "sh -c 'cd /rails && bin/setup'",
        "sh -c 'bin/rails db:seed && bin/rails db:migrate'",
        "bin/rails runner 'ActiveRecord::Base.connection_pool.migration_context.migrate'",
        "bin/rails runner 'ActiveRecord::MigrationContext.new(\"db/migrate\").up(3)'",
        "bin/rails runner 'ActiveRecord::Tasks::DatabaseTasks.load_schema_current'",
        "bin/rails runner 'AddTotal.new.migrate(:down)'",
        "bin/rails runner 'ActiveRecord::Schema[8.0].define { }'",
        DDL.format("remove_column :orders, :total"),
        DDL.format("add_index :orders, :total"),
        DDL.format("drop_table :orders"),
        "psql -c 'ALTER TABLE orders DROP COLUMN total'",
        "psql -c 'alter  table orders drop total'",
        "psql -c 'create unique index concurrently on orders (total)'",
        "mysql -e 'RENAME TABLE orders TO old_orders'",
        "psql -c 'CREATE OR REPLACE VIEW totals AS SELECT 1'",
    ],
)
def test_a_command_changes_the_schema(line: str) -> None:
    assert changes_schema(["bash", "-c", line])


@pytest.mark.parametrize(
    "line",
    [
        "bin/rails db:seed",
        "bin/rails db:migrate:status",
        "bin/rails db:migrate:queue:status",
        "bin/rails db:abort_if_pending_migrations",
        "bin/rails db:version",
        "bin/rails db:schema:dump",
        "bin/rails orders:migrate",
        "bin/setup-queue",
        "bin/rails runner 'puts ActiveRecord::Base.connection_pool.migration_context.needs_migration?'",
        "bin/rails runner 'Order.create!(total: 1)'",
        "bin/rails runner 'puts Order.column_names'",
        "bin/rails console --sandbox",
        "psql -c 'SELECT created_at, type FROM orders'",
        "psql -c 'UPDATE orders SET drop_off = 1'",
        "echo do not drop the table",
    ],
)
def test_a_command_does_not_change_the_schema(line: str) -> None:
    assert not changes_schema(["bash", "-c", line])


def test_no_command_changes_nothing() -> None:
    assert not changes_schema(None) and not changes_schema([])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (None, None),
        ("bin/rails runner 'puts 1'", ["bin/rails", "runner", "puts 1"]),
        (["bin/rails", 1], ["bin/rails", "1"]),
        ('["bin/rails", "runner", "puts 1"]', ["bin/rails", "runner", "puts 1"]),
        ("[ -f config/master.key ]", ["[", "-f", "config/master.key", "]"]),
    ],
)
def test_a_command_word_by_word(command: Any, expected: list[str] | None) -> None:
    assert words(command) == expected


@pytest.mark.parametrize("command", ["[bin/rails, db:seed]", "['bin/rails', 'db:seed']", "[[1]]", "", [], "a 'b"])
def test_what_is_neither_a_line_nor_a_list(command: Any) -> None:
    with pytest.raises(RailyardError, match=r"a list of words|cannot be split"):
        words(command)
