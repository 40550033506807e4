# Insyn. `make help` lists what there is. Every target does its own set-up.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
HOME_DIR ?= var/demo
PORT ?= 8000
HTTP_PORT ?= 8001
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_SYSTEM_CERTS := 1

.DEFAULT_GOAL := help
.PHONY: help setup tools run test test-slow faults fuzz check bench bench-peers screenshots docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

# The environment: uv from the package index, then exactly what uv.lock says, by hash.
$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Insyn needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'

$(VENV)/.ready: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --quiet --locked --all-extras --inexact --python $(BIN)/python
	@touch $@

MESSAGES := $(shell find src/insyn/web -name django.po)
COMPILED := $(MESSAGES:.po=.mo)
%.mo: %.po $(VENV)/.ready
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

setup: $(VENV)/.ready $(COMPILED) ## make the environment in .venv

run: setup ## the main job on real input, then the site on localhost (FRESH=1 starts anew, PORT=8000)
	$(BIN)/python -m demo --home $(HOME_DIR) --port $(PORT) --http-port $(HTTP_PORT) $(if $(FRESH),--fresh)

# Chromium for the browser journeys, Go and its tlog package for the second verifier: from Debian, where they are missing.
tools:
	@$(PYTHON) tools/debian.py chromium:chromium go:golang-go:golang-golang-x-mod-dev

# A process more than there are processors, at most five: many tests wait for others. `make test PARALLEL=` runs them one after the other.
WORKERS := $(shell n=$$(($$(nproc) + 1)); echo $$((n < 5 ? n : 5)))
PARALLEL ?= -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: setup tools ## every test but the slow ones
	$(BIN)/python -m pytest -m 'not slow' $(PARALLEL) $(ARGS)

test-slow: setup tools ## the slow tests
	$(BIN)/python -m pytest -m slow $(ARGS)

# RUNS=500 is the long command. SEED repeats a run, with KIND and MUTANT as a failure names them.
faults: setup ## runs under faults, the broken programs that must be caught, and the simulated hosts (RUNS=500; SEED=… repeats one)
	@PYTHONPATH=tests/gateway $(BIN)/python -m tests.faults $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(KIND),--kind $(KIND)) $(if $(MUTANT),--mutant $(MUTANT))

check: setup ## lint, format, types, import contracts, translations, documents
	$(BIN)/ruff check src tests demo bench tools
	$(BIN)/ruff format --check src tests demo bench tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/translations.py
	$(BIN)/python tools/sources.py --check
	$(BIN)/python -m pytest -q -p no:randomly tests/house

fuzz: setup ## ten thousand made-up calls to the HTTP interface, by its own description
	$(BIN)/python -m pytest -q -s -m slow tests/gateway/test_openapi.py

bench: setup ## reprint the README's figures; ARGS=gateway measures the gateway alone, beside its targets
	$(BIN)/python -m bench $(ARGS)

# Other people's programs, in an environment of their own: never in the project's lock. LiteLLM 1.107.0 was tampered with; this is 1.106.0.
bench-peers: setup ## install the peers that make bench runs beside us
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python var/peers
	$(BIN)/uv pip install --quiet --python var/peers/bin/python 'vaara==2.15.0' 'litellm[proxy]==1.106.0'

screenshots: setup tools ## pictures of the pages, from a fresh demo, into docs/pictures
	$(BIN)/python tools/screenshots.py $(ARGS)

docs: setup ## regenerate docs/terms.md, docs/reference/cli.md and docs/reference/sources.md
	$(BIN)/python tools/documents.py
	$(BIN)/python tools/sources.py

clean: ## remove the environment and what the demo wrote
	rm -rf $(VENV) var
