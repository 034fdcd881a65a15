# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs in the task: Ruby for `bin/rails runner`, for Rails 5.0 to 8. The variable RAILYARD_MIGRATE says what it does.

  list  tells what is pending and ends with 0
  safe  ends with DESTRUCTIVE, and has changed nothing, when a pending migration drops or renames; else migrates
  all   migrates

It first writes `railyard: {"version": "<of the schema, or null>", "pending": [{"version", "name", "destructive": ["remove_column"]}]}`,
and after migrating, well or not, `railyard: {"version", "applied": ["<version>"]}`. Each is cut into lines of at most 40 entries, for
the log driver cuts long lines; all but the last one say `"more": true`, and what comes later is added to what came before.

Migrations are judged by their text, without comments and without what only `down` does. It is the application's own db:migrate that
migrates, so that its advisory lock and whatever the application has added to the task hold here too.
https://guides.rubyonrails.org/active_record_migrations.html
"""

from __future__ import annotations

VARIABLE = "RAILYARD_MIGRATE"
LIST, SAFE, ALL = "list", "safe", "all"
MARK = "railyard: "
DESTRUCTIVE = 65

# Needs nothing of Rails.
JUDGE = r"""
code = lambda do |path|
  text = Ripper.lex(File.read(path)).map { |token| token[1].to_s =~ /\Aon_(comment|embdoc)/ ? "\n" : token[2] }.join
  # Where `def down` ends on its own line, the end that is found is another method's, and all of it is read.
  text.gsub(/^([ \t]*)def (self\.)?down\b.*?^\1end\b/m) { |down| down.scan(/\bdef\b/).size > 1 ? down : "" }
end

judge = lambda do |path|
  text = code.call(path)
  words = %w[remove_columns? remove_references? remove_belongs_to remove_timestamps change_column revert
    drop_(?:table|join_table|enum|schema|view|virtual_table) rename_(?:column|table|enum|enum_value)]
  found = text.scan(/\b(?:#{words.join("|")})\b/)
  found << "change_column_null" if text =~ /\bchange_column_null\b[^,]+,[^,]+,(?!\s*true\b)/
  found << "change_table change_null" if text =~ /\.change_null\b[^,]+,(?!\s*true\b)/
  text.scan(/\bchange_table\b.*?\|\s*(\w+)\s*\|/m).flatten.uniq.each do |table|
    found += text.scan(/\b#{table}\.(remove|rename|change)\b/).flatten.map { |word| "change_table #{word}" }
  end
  if text =~ /\bexec\w*/
    found += text.scan(/\b(?:ALTER|DROP|RENAME|TRUNCATE)\b/i).map { |word| "execute #{word.upcase}" }
  end
  found.uniq
end
"""

RUBY = (
    r"""
require "json"
require "ripper"
$stdout.sync = true
mode = ENV.fetch("RAILYARD_MIGRATE")
abort "RAILYARD_MIGRATE is #{mode}; it must be list, safe or all" unless %w[list safe all].include?(mode)
# For db:migrate they name one migration; an application may have them for something else.
%w[VERSION SCOPE].each { |name| ENV.delete(name) }
base = ActiveRecord::Base

say = lambda do |version, name, items|
  slices = items.each_slice(40).to_a
  slices = [[]] if slices.empty?
  slices.each_with_index do |slice, number|
    more = number + 1 < slices.size ? { "more" => true } : {}
    puts "railyard: " + JSON.generate({ "version" => version, name => slice }.merge(more))
  end
end

"""
    + JUDGE
    + r"""
read = lambda do
  if base.connection_pool.respond_to?(:migration_context)
    context = base.connection_pool.migration_context
  elsif base.connection.respond_to?(:migration_context)
    context = base.connection.migration_context
  else
    migrator = ActiveRecord::Migrator
    next [migrator.migrations(migrator.migrations_paths), migrator.get_all_versions]
  end
  [context.migrations, context.get_all_versions]
end

# Several databases are migrated one after the other; the first is the one whose version counts.
everywhere = lambda do
  known = base.configurations
  configs = known.respond_to?(:configs_for) ? known.configs_for(env_name: Rails.env) : []
  next [read.call] if configs.size < 2
  connect = ->(config) { base.establish_connection(config.respond_to?(:configuration_hash) ? config : config.config) }
  begin
    configs.map { |config| connect.call(config) && read.call }
  ensure
    connect.call(configs.first)
  end
end

status = 1
begin
  Rails.application.load_tasks
  Rake::Task["db:load_config"].invoke
  before = everywhere.call
  pending = before.flat_map { |known, done| known.reject { |one| done.include?(one.version) } }
  pending = pending.map { |one| { "version" => one.version.to_s, "name" => one.name, "destructive" => judge.call(one.filename) } }
  say.call(before[0][1].max && before[0][1].max.to_s, "pending", pending)
  if mode == "safe" && pending.any? { |one| one["destructive"].any? }
    status = 65
  elsif mode == "list"
    status = 0
  else
    begin
      Rake::Task["db:migrate"].invoke
      status = 0
    ensure
      begin
        after = everywhere.call
        applied = after.zip(before).flat_map { |now, was| now[1] - was[1] }
        say.call(after[0][1].max && after[0][1].max.to_s, "applied", applied.map(&:to_s))
      rescue StandardError => error
        puts "what is applied now cannot be read: #{error.class}: #{error.message}"
      end
    end
  end
rescue StandardError, ScriptError => error
  puts "#{error.class}: #{error.message}"
  puts error.backtrace.to_a.grep(/db.migrate/).first(3)
end
exit status
"""
)


def command() -> list[str]:
    return ["bin/rails", "runner", RUBY]
