# Names of habits. Each line is a command that a person could type; `make help` lists them.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.14 python3 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[2-4]*/bin/python3; do \
  "$$p" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1 && { "$$p" -c 'import sys; print(sys.executable)'; break; }; done)
UV ?= $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .tools/bin/uv)
BIN := .venv/bin
INVENTORY ?= inventories/local
export PATH := $(CURDIR)/$(BIN):$(PATH)
# .venv may keep its bytecode, whatever holds elsewhere: a run of ansible-playbook without it compiles for half a second.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup site demo destroy test fast lint unit module warm emulator console molecule sanity site-test docs soak bench build clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: .venv/.ready ## install everything that the rest needs into .venv

.venv/.ready: uv.lock pyproject.toml | $(UV)
	@echo "Setting up .venv, once"
	@test -n "$(PYTHON)" || echo "No Python 3.12, 3.13 or 3.14 found; uv tries to fetch one. Without network: install python3.12 or newer, or make PYTHON=/path/to/python3."
	@$(if $(PYTHON),UV_PYTHON=$(PYTHON)) $(UV) sync --locked --quiet
	@touch $@

.tools/bin/uv:
	@test -n "$(PYTHON)" || { echo "uv is missing, and so is a Python 3.12 to install it with: see https://docs.astral.sh/uv/getting-started/installation/"; exit 1; }
	@$(PYTHON) -m venv .tools || { echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: apt-get install python3-venv)."; exit 1; }
	@.tools/bin/pip --quiet install uv

site: setup ## converge INVENTORY (the emulated AWS of this machine by default)
	$(BIN)/ansible-playbook site.yml -i $(INVENTORY)

demo: setup ## a real Rails application on it: pushed, released, broken, brought back; needs Ruby and PostgreSQL; ENGINE=ecs is possible
	@ENGINE=$(ENGINE) $(BIN)/python examples/demo/demo.py

destroy: setup ## delete the environments of INVENTORY
	$(BIN)/ansible-playbook playbooks/destroy.yml -i $(INVENTORY)

test: setup ## all checks, less than half an hour on two cores; needs Ruby and PostgreSQL, as demo does
	@python -m tests.gate

fast: setup ## lint and unit tests
	@python -m tests.gate lint unit

console: setup ## a Rails console in INVENTORY
	$(BIN)/ansible-playbook playbooks/console.yml -i $(INVENTORY)

emulator: setup ## start the emulated AWS of this machine, and show its address
	$(BIN)/python -m emulator start

test-%: setup # one part of the gate, test-console for example
	@python -m tests.gate $*

lint unit module warm molecule sanity site-test docs: setup ## one part of the gate; any part is make test-<part>
	@python -m tests.gate $@

soak: setup ## the long tests; `make test` runs a sample of them
	@python -m tests.gate soak

bench: setup ## wall time, CPU seconds and API calls of a first and a no-op converge
	@python -m bench

build: setup ## the collection's tarball
	@ansible-galaxy collection build --force --output-path .cache

clean: ## delete everything that was created here
	@test ! -x $(BIN)/python || $(BIN)/python -m emulator stop
	@rm -rf .venv .tools .cache .ansible .pytest_cache .mypy_cache .ruff_cache
