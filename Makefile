# make up     runs the quick start on a sandbox: nothing but Python 3.10 or later is needed
# make test   checks everything that is quick
PYTHON ?= python3
PROGRAM ?=

python := .venv/bin/python
made := .venv/.made

.PHONY: up preview refresh down test test-all lint bench clean

up preview refresh down: $(made)
	@$(python) scripts/program.py $@ $(PROGRAM)

test: lint
	$(python) -m pytest -m "not slow"

test-all: lint
	$(python) -m pytest

lint: $(made)
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy

bench: $(made)
	@set -e; for benchmark in benchmarks/[!_]*.py; do $(python) $$benchmark; done

clean:
	rm -rf .venv .pulumi-home .pulumi-local .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	rm -rf programs/*/.pulumi-local programs/*/.sandbox
	rm -f Pulumi.sandbox.yaml programs/*/Pulumi.sandbox.yaml

$(made): pyproject.toml
	@$(PYTHON) scripts/bootstrap.py
