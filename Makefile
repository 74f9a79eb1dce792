# Everything a checkout needs: Python 3.11 or newer, git and make. `make` alone lists what there is.
# REQUIRE=1 turns the skip of a test that needs Ardour, Chromium or ffmpeg into a failure.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
SHARED_DATA := $(wildcard ../shared/data)

# The first Python that is new enough; PYTHON=/some/python chooses another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Wheels are complete and pinned, so pip resolves nothing; all cores write the byte code that pip would write on one.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps

.PHONY: help setup demo test lint bench bless wheel lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(READY) ## Make .venv with everything in it (quick when it stands)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Tonmeister needs Python 3.11 or newer; install it, or give one with: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) \
		|| { echo "Python could not make an environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(BIN)/python --version) …"
	@$(INSTALL) --only-binary :all: --require-hashes -r requirements.lock
	@$(INSTALL) --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib src >/dev/null || :
	@touch $@

demo: setup ## Write the demo song and mix it into demo_out/
	$(BIN)/tonmeister demo -o demo_out

test: lint ## Everything that CI checks
	$(BIN)/pytest -n 2 --dist loadfile

lint: setup ## The quick half of test: style, types, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: setup ## All benchmarks with their baselines, on the demo song and on ../shared/data when it is there
	$(BIN)/python bench/setup_baselines.py
	$(BIN)/tonmeister demo -o demo_out
	for data in demo_out $(SHARED_DATA); do \
		$(BIN)/python -m bench all --data $$data --out bench_out/$$(basename $$data) --json; done

bless: setup ## Record the numbers of the golden mixes again; read the diff
	BLESS=1 $(BIN)/pytest -m golden

wheel: setup ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock: setup ## Choose new versions within the ranges of pyproject.toml, for all platforms
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --all-extras --generate-hashes --no-annotate \
		--no-emit-index-url --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml

clean: ## Remove what make made
	rm -rf $(VENV) demo_out bench_out dist build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench -type d -name __pycache__ -prune -exec rm -rf {} +
