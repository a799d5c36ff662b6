# The two commands of this project are `make run` and `make test`; `make help` lists the rest.

# The first of these that the wheels of the embedded PostgreSQL exist for.
PYTHON   ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
                $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
                && { echo $$python; break; }; done)
VENV     ?= .venv
PRODUCTS ?= 20000
PORT     ?= 8000
EXAMPLES ?= 100
BIN      := $(VENV)/bin
CORD     := $(BIN)/cordsearch

.DEFAULT_GOAL := help
.PHONY: help run install demo serve status test lint format fuzz bench bench-full bench-pipeline eval openapi clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: install ## Build the demo catalogue (PRODUCTS=20000) and serve it on http://127.0.0.1:8000
	$(CORD) demo --products $(PRODUCTS)
	$(CORD) serve --port $(PORT)

install: $(VENV)/.installed ## Set up the virtual environment

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make run PYTHON=/path/to/python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,lint,stream,eval]'
	@touch $@

$(VENV)/.installed-eval: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[eval,peers]'
	@touch $@

demo: install ## Build the demo catalogue without serving it
	$(CORD) demo --products $(PRODUCTS)

serve: install ## Serve what is built
	$(CORD) serve --port $(PORT)

status: install ## Show what is loaded and searchable
	$(CORD) status

test: $(VENV)/.installed-test ## Run every test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-test ## Style, types, import contracts, SQL
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/mypy --explicit-package-bases --package benchmarks
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 dbt/models dbt/tests

format: $(VENV)/.installed-test ## Rewrite the code in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: $(VENV)/.installed-test ## Try to break the interface, at random (EXAMPLES=100 per operation)
	CORDSEARCH_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/contract/service/test_schemathesis.py

bench: $(VENV)/.installed-eval ## Measure how fast answers come, in minutes (PRODUCTS=278698 is the full size)
	$(BIN)/python -m benchmarks.latency --data-directory .cordsearch/latency-$(PRODUCTS) --products $(PRODUCTS)

bench-full: $(VENV)/.installed-eval ## The same at full size, beside writes, peers and other sizes: an hour or two
	$(BIN)/python -m benchmarks.latency --full --data-directory .cordsearch/latency-278698 --products 278698

bench-pipeline: $(VENV)/.installed-test ## Measure the pipeline from source to searchable
	$(BIN)/python -m benchmarks.pipeline --products $(PRODUCTS)

eval: $(VENV)/.installed-eval ## Measure relevance on judged queries, beside other engines; fails when a class got worse
	$(BIN)/python -m benchmarks.relevance

openapi: install ## Write docs/openapi.json, the committed description of the interface
	$(BIN)/python -m service.openapi_file

clean: ## Stop the embedded database and delete everything that was built
	-test -x $(CORD) && $(CORD) database stop
	rm -rf .cordsearch $(VENV) dbt/target dbt/logs
