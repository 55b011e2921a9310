# Everything a reader or contributor runs. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PORT ?= 8000
BOOK := $(BIN)/jupyter-book build -n --keep-going .
SITE := _build/html
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --no-loadscope-reorder
NOTEBOOKS := notebooks

.DEFAULT_GOAL := help
.PHONY: help book where book-fast serve test test-fast lint bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch,book,test]'
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

book: $(STAMP) ## build the whole site from cached executions; any warning is an error
	$(BOOK) --all -W
	@$(MAKE) --silent --no-print-directory where

where: # a folder's name may hold blanks and other signs that end a link
	@$(BIN)/python -c 'from pathlib import Path; print("Open", \
	Path("$(SITE)/index.html").resolve().as_uri(), "or run: make serve")'

book-fast: $(STAMP) ## rebuild only changed pages while writing; warnings are shown, not fatal
	$(BOOK)

$(SITE)/index.html:
	@$(MAKE) book

serve: $(SITE)/index.html ## show the site on localhost (PORT=8000); build it first if missing
	@echo "http://localhost:$(PORT)/  (Ctrl-C stops)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT)

test: $(STAMP) ## unit tests and every notebook, in parallel; site tests where the site is built
	$(PYTEST) --nbval-lax tests $(NOTEBOOKS)

test-fast: $(STAMP) ## unit tests only: neither the browser nor the pages
	$(PYTEST) -p no:nbval -m 'not browser and not pages' tests

lint: $(DEV_STAMP) ## check style, types, spelling and the notebook twins
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint --quiet
	$(BIN)/codespell
	$(BIN)/python -m pytest -q tests/test_pairs.py

bench: $(STAMP) ## measure speed: compiled ensembles, sharpness at the edge, the pages (minutes)
	$(BIN)/python -m bench.ensembles
	$(BIN)/python -m bench.edge
	$(BIN)/python -m bench.pages

clean: ## delete the site, its caches and build leftovers; keep .venv
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
	find lrlib tests bench book notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
