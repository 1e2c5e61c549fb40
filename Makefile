# Everything a newcomer needs: Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) # tests side by side: many wait for a clock, not for a processor
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: setup run test check bench lock clean

setup: $(VENV)/.run-ready

$(VENV)/.run-ready: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready requirements-dev.lock
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

run: setup
	@$(BIN)/ward run

test: $(VENV)/.dev-ready
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.dev-ready
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/test_house.py

bench: $(VENV)/.dev-ready
	@$(BIN)/python -m benchmarks

# New versions: needs pip-tools in the virtual environment.
lock: setup
	@$(PIP) install pip-tools
	@$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.lock requirements.in pyproject.toml
	@$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev -o requirements-dev.lock requirements.in pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
