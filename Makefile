# make up     runs the quick start on a sandbox: nothing but Python 3.10 or later is needed
# make test   checks everything that is quick; make test-quick what is quickest
PYTHON ?= python3
PROGRAM ?=

python := .venv/bin/python
made := .venv/.made
ready := .venv/.ready
pytest := $(python) -m pytest -n auto --dist worksteal
quickly := $(pytest) --hypothesis-profile quick
tools := .venv/tools/bin
plain := .venv/plain

.PHONY: up preview refresh down test test-quick test-all coverage lint docs gateway tables schema sdk dist lock audit bench clean

up preview refresh down: $(ready)
	@$(python) scripts/program.py $@ $(PROGRAM)

test: lint coverage
	$(quickly) --preloaded -m "not slow" --ignore tests/unit

test-quick: $(made)
	$(quickly) -m "not slow and not hypothesis" -k "not every_answer_of_the_tables" tests/unit tests/contract

test-all: lint
	$(pytest)

coverage: $(made)
	$(quickly) -m "not slow" --cov --cov-report term tests/unit

lint: $(made)
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy

docs: $(made)
	@$(python) -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build
	@echo "The pages are in docs/_build/index.html"

gateway: $(made)
	@$(python) scripts/new_gateway.py "$(NAME)" "$(TITLE)"

tables: $(made)
	@$(python) scripts/tables.py

schema: $(made)
	@$(python) scripts/schema.py

sdk: schema
	@$(python) scripts/sdk.py

dist: $(made)
	@$(python) scripts/dist.py

lock: $(tools)/uv
	$(tools)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.10 --upgrade --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --quiet --output-file requirements-dev.lock
	$(tools)/uv pip compile pyproject.toml --extra cli --universal --python-version 3.10 --generate-hashes \
		--constraint requirements-dev.lock --no-header --no-annotate --no-emit-index-url --quiet \
		--output-file requirements.lock

audit: $(tools)/pip-audit
	@$(tools)/pip-audit --strict --disable-pip --require-hashes --requirement requirements-dev.lock || \
		{ echo "error: a locked dependency is vulnerable, or pypi.org could not be asked; see above" >&2; exit 1; }

$(tools)/uv $(tools)/pip-audit: $(made)
	@$(python) -m venv $(dir $(tools))
	@$(tools)/python -m pip install --quiet $(notdir $@)

bench: $(made) $(plain)/.made
	@set -e; for benchmark in benchmarks/[!_]*.py; do \
		BENCH_PYTHON="$(CURDIR)/$(plain)/bin/python" $(python) $$benchmark; \
	done

$(plain)/.made: $(made)
	@$(python) -m venv --clear $(plain)
	@$(plain)/bin/python -m pip install --quiet --editable .
	@touch $@

clean:
	rm -rf .venv .coverage .pulumi-home .pulumi-local .sandbox .pytest_cache .mypy_cache .ruff_cache .hypothesis dist docs/_build
	rm -rf programs/*/.pulumi-local programs/*/.sandbox
	rm -rf programs/*/node_modules programs/*/sdk programs/*/package-lock.json
	rm -f Pulumi.sandbox.yaml programs/*/Pulumi.sandbox.yaml

$(ready): pyproject.toml requirements.lock
	@$(PYTHON) scripts/bootstrap.py run

$(made): pyproject.toml requirements-dev.lock
	@$(PYTHON) scripts/bootstrap.py develop
