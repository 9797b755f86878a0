# The one list of commands; CI runs the same.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= .rolecall
PORT   ?= 8750
ARGS   ?=

# Seconds that `make fuzz` takes
SECONDS ?= 300

.PHONY: help serve test lint types coverage fuzz laws mutation bench docs lock clean
help:                ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=23.2"

# The server's own dependencies, exactly as locked; then this checkout, editable (its build hook makes the catalog data).
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml hatch_build.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

serve: $(VENV)/.runtime   ## start the server on loopback (DATA=folder PORT=number ARGS="…")
	$(BIN)/rolecall serve --data-dir $(DATA) --port $(PORT) $(ARGS)

test: $(VENV)/.dev        ## run every test
	$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(VENV)/.dev        ## ruff and the import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev       ## mypy, strict
	$(BIN)/mypy

coverage: $(VENV)/.dev    ## every branch of the policy language and the decision engine is tested
	$(BIN)/python -m pytest -q -n auto tests/language tests/decision tests/hostile tests/properties/test_language_laws.py tests/properties/test_decision_laws.py --cov=rolecall.language --cov=rolecall.decision --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

fuzz: $(VENV)/.dev        ## the engine against the reference evaluator, for SECONDS=300; failures become case files
	PYTHONPATH=tests $(BIN)/python -m fuzz --seconds $(SECONDS) $(ARGS)

laws: $(VENV)/.dev        ## property tests, with many more examples
	$(BIN)/python -m pytest -n auto tests/properties tests/differential --hypothesis-profile=fuzz --timeout=0 $(ARGS)

mutation: $(VENV)/.dev    ## test the tests of the engine: mutants of src/rolecall/decision that no test kills
	$(BIN)/mutmut run && $(BIN)/mutmut results

bench: $(VENV)/.dev       ## measure against peers, print ratios
	$(BIN)/python -m bench $(ARGS)

docs: $(VENV)/.dev        ## regenerate docs/reference from the code
	$(BIN)/python -m rolecall.cli docs --write docs/reference

lock: | $(BIN)/python     ## resolve the dependencies anew into requirements/
	$(BIN)/python -m pip install --quiet "uv>=0.9"
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml --output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --constraint requirements/dev.txt pyproject.toml --output-file requirements/runtime.txt

clean:               ## remove the environment and the caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis src/rolecall/catalog/data
