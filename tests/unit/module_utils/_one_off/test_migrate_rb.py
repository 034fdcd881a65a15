# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which migrations drop or rename, as Ruby reads them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._one_off import migrate_rb

PROGRAM = f'require "json"\nrequire "ripper"\n{migrate_rb.JUDGE}\nputs JSON.generate(ARGV.map {{ |path| judge.call(path) }})'

CASES = [
    ("def change\n  add_column :orders, :total, :integer\nend", []),
    ("def change\n  # remove_column :orders, :note\n  remove_index :orders, :note\nend", []),
    ("def change\n  remove_column :orders, :note\nend", ["remove_column"]),
    ("def change\n  change_table(:orders) { |t| t.remove :note; t.rename :a, :b }\nend", ["change_table remove", "change_table rename"]),
    # Old code may still write null; letting it is harmless.
    ("def change\n  change_column_null :orders, :total, false, 0\nend", ["change_column_null"]),
    ("def change\n  change_column_null(\n    :orders, :total,\n    false)\nend", ["change_column_null"]),
    ("def change\n  change_column_null :orders, :total, true\nend", []),
    ("def change\n  change_table(:orders) { |t| t.change_null :total, false }\nend", ["change_table change_null"]),
    ("def change\n  change_table(:orders) { |t| t.change_null :total, true }\nend", []),
    ("def up\n  execute <<~SQL\n    alter table orders alter column total type bigint\n  SQL\nend", ["execute ALTER"]),
    ("def up\n  execute 'DROP VIEW totals'\nend", ["execute DROP"]),
    ("def up\n  execute 'UPDATE orders SET total = 0'\nend", []),
    # What only `down` does is left out, however it is written, and never what `up` does.
    ("def up\n  add_column :a, :b, :string\nend\n\ndef down\n  remove_column :a, :b\nend", []),
    ("def down\n  remove_column :a, :b\nend\n\ndef up\n  add_column :a, :b, :string\nend", []),
    ("def down # nothing\n  raise ActiveRecord::IrreversibleMigration\nend\n\ndef up\n  drop_table :a\nend", ["drop_table"]),
    ("def down; end\n\ndef up\n  drop_table :a\nend", ["drop_table"]),
    ("def down() = nil\n\ndef up\n  drop_table :a\nend", ["drop_table"]),
    ("def down\n  raise 'no' end\n\ndef up\n  drop_table :a\nend", ["drop_table"]),
    ("def self.down; end\n\ndef self.up\n  drop_table :a\nend", ["drop_table"]),
]


@pytest.mark.skipif(shutil.which("ruby") is None, reason="only Ruby can read Ruby")
def test_destructive_operations_are_recognized(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.rb" for number in range(len(CASES))]
    for path, (body, _) in zip(paths, CASES, strict=True):
        lines = "".join(f"  {line}\n" for line in body.splitlines())
        path.write_text(f"class Change < ActiveRecord::Migration[6.1]\n{lines}end\n")
    done = subprocess.run(["ruby", "-e", PROGRAM, *map(str, paths)], capture_output=True, text=True, check=True)
    found = [(body, judged) for (body, _), judged in zip(CASES, json.loads(done.stdout), strict=True)]
    assert found == CASES
