# CENSUS=path SCENARIO=name YEARS=2025:2029 SEED=42 override what run-simulation does.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: setup run-simulation lint test test-all bench dagster dashboard

run-simulation: $(INSTALLED)
	$(BIN)/planwise run \
	  $(if $(CENSUS),--census "$(CENSUS)") \
	  $(if $(SCENARIO),--scenario "$(SCENARIO)") \
	  $(if $(YEARS),--years "$(YEARS)") \
	  $(if $(SEED),--seed "$(SEED)")

setup: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed; name one with PYTHON=/path/to/python3"; exit 1; }
	@echo 'Installing the locked packages into .venv, once ...'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt/models

test: lint
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-all: lint
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(INSTALLED)
	$(BIN)/python -m tests.performance.bench
	$(BIN)/python -m tests.performance.bench_events --people 20000

# The UI shares its Dagster home with `planwise run`, so runs of both appear in one list.
dagster: $(INSTALLED)
	DAGSTER_HOME="$$($(BIN)/python -m orchestrator.home)" $(BIN)/dagster dev -h 127.0.0.1

dashboard: $(INSTALLED)
	$(BIN)/python -m streamlit_dashboard.server
