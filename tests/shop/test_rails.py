"""The Rails application, as far as a Ruby without gems can see it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
needs_ruby = pytest.mark.skipif(shutil.which("ruby") is None, reason="no Ruby on this machine")


def ruby(script: str, *args: str) -> str:
    done = subprocess.run(["ruby", "-e", script, *args], cwd=SHOP, check=True, capture_output=True, text=True)
    return done.stdout


@needs_ruby
def test_every_file_is_ruby() -> None:
    names = [str(path.relative_to(SHOP)) for pattern in ("*.rb", "*.rake") for path in SHOP.rglob(pattern)]
    assert "config/environments/production.rb" in names and "lib/tasks/worker.rake" in names
    ruby("ARGV.each { |name| RubyVM::InstructionSequence.compile_file(name) }", *names, "bin/rails", "bin/rake", "config.ru", "Rakefile")


@needs_ruby
def test_the_database_is_the_one_of_the_environment() -> None:
    script = 'ENV["DATABASE_URL"] = "postgres://db/x?sslmode=require"; require "erb"; require "yaml"; require "json"\n'
    script += 'text = ERB.new(File.read("config/database.yml")).result; puts YAML.safe_load(text, aliases: true).to_json'
    assert json.loads(ruby(script))["production"]["url"] == "postgres://db/x?sslmode=require"


@needs_ruby
def test_a_line_of_the_log_is_an_object_with_the_request() -> None:
    script = """
    require "./lib/json_log"
    TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793"
    log = Logger.new($stdout, formatter: JsonLog::Formatter.new)
    module Rails; class << self; attr_accessor :logger; end; end
    Rails.logger = log
    def JsonLog.metadata(_uri) = { "Name" => "web", "Labels" => { JsonLog::FAMILY => "shop-web", JsonLog::VERSION => "7" } }
    ENV[JsonLog::METADATA] = "http://169.254.170.2/v4/1"
    failing = lambda do |env|
      log.warn("two\\nlines")
      env["PATH_INFO"] = "/500"
      env["action_dispatch.request.path_parameters"] = { controller: "orders", action: "index" }
      env["action_dispatch.exception"] = ArgumentError.new("no")
      [500, {}, []]
    end
    app = JsonLog::Requests.new(failing)
    asked = { "REQUEST_METHOD" => "GET", "action_dispatch.request_id" => "r-1", "HTTP_X_AMZN_TRACE_ID" => TRACE }
    app.call(asked.merge("PATH_INFO" => "/orders"))
    log.info("afterwards")
    JsonLog::Requests.new(->(_) { [200, {}, []] }).call("PATH_INFO" => "/up", "REQUEST_METHOD" => "GET")
    """
    warned, answered, afterwards = map(json.loads, ruby(script).splitlines())
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793"
    assert (warned["message"], warned["level"], warned["request_id"], warned["trace_id"]) == ("two\nlines", "WARN", "r-1", trace)
    assert {"method": "GET", "path": "/orders", "status": 500, "request_id": "r-1", "trace_id": trace}.items() <= answered.items()
    assert (answered["action"], answered["exception"]) == ("orders#index", {"class": "ArgumentError", "message": "no"})
    assert answered["traceId"] == "5759e988bd862e3fe1be46a994272793"
    assert (afterwards["release"], afterwards["process"]) == ("shop-web:7", "web")
    assert "request_id" not in afterwards


def test_every_gem_of_the_gemfile_is_locked() -> None:
    wanted = set(re.findall(r'^gem "([\w-]+)"', (SHOP / "Gemfile").read_text(), re.MULTILINE))
    lock = (SHOP / "Gemfile.lock").read_text()
    assert wanted == set(re.findall(r"^  ([\w-]+)(?: \(.*\))?$", lock.partition("DEPENDENCIES\n")[2].partition("\n\n")[0], re.MULTILINE))
    locked = set(re.findall(r"^    ([\w-]+) \(", lock, re.MULTILINE))
    assert wanted <= locked
    assert set(re.findall(r"^      ([\w-]+)", lock, re.MULTILINE)) - locked - {"bundler"} == set()
