# Everything runs in .venv, which `make install` makes and the other targets make when it is missing or out of date.
PYTHON ?= python3
MACHINE ?= $(shell uname -n)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install check test corpus docs bench bench-history bench-compare dashboard format clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

install: .venv/installed ## create .venv with everything that is needed

.venv/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

check: install ## check every implementation against every law
	@$(BIN)/lawful check

test: install ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest --numprocesses auto

corpus: install ## make the stored traces anew that every check plays first
	$(BIN)/python -m conformance.corpus

docs: install ## make the reference anew from the docstrings
	$(BIN)/python -m docs.generate

bench: install ## what HEAD costs: every benchmark once (asv, in an environment of its own)
	$(BIN)/asv machine --yes --machine $(MACHINE) > /dev/null
	$(BIN)/asv run --quick --show-stderr --machine $(MACHINE) HEAD^!

N ?= 10
bench-history: install ## what N commits of the history cost, into reports/asv/results (N=10)
	$(BIN)/asv machine --yes --machine $(MACHINE) > /dev/null
	$(BIN)/asv run --record-samples --skip-existing-successful --machine $(MACHINE) --steps $(N) ALL

bench-compare: install ## whether HEAD costs more than BASE=...: counts fail, times warn
	@test -n "$(BASE)" || { echo "say what to compare with: make bench-compare BASE=main~1"; exit 2; }
	$(BIN)/python -m benchmarks.compare $(BASE)

dashboard: install ## the results as pages that work without a network, and serve them (Ctrl-C ends it)
	$(BIN)/python -m benchmarks.publish
	$(BIN)/asv preview

format: install ## put the source in its standard form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove .venv and every cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
