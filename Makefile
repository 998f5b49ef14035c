# Reeve. `make run` shows it, `make test` proves it, `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help install extra run test check bench scores soak lock

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 18

$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) scripts/make_venv.py $(VENV) requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@$(PYTHON) scripts/make_venv.py $(VENV) requirements-dev.txt
	@touch $@

$(VENV)/.installed-bench: requirements-bench.txt $(VENV)/.installed
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.txt 2> $(VENV)/bench.log \
		&& touch $@ || echo "PyTorch 2.13.0 (CPU) is not to be had here: tests of the tensor-parallel suite are skipped ($(VENV)/bench.log)"

install: $(VENV)/.installed ## Build .venv with the console command `reeve`

run: $(VENV)/.installed ## Play a scene against a GitHub on your desk (ONCE=1 ends by itself)
	@$(BIN)/reeve demo $(if $(ONCE),--once)

extra: $(VENV)/.installed-bench ## Add the extra `bench` (PyTorch for CPU) to .venv

test: $(VENV)/.installed-dev $(VENV)/.installed-bench ## Run the whole test suite
	@$(BIN)/python -m pytest

check: $(VENV)/.installed-dev ## Lint, type-check, and check the import directions and the templates
	@$(BIN)/ruff check bot tests benchmarks scripts
	@$(BIN)/ruff format --check bot tests benchmarks scripts
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m bot.render.lint

bench: $(VENV)/.installed-dev ## Run the side-by-side benchmarks
	@$(BIN)/python -m benchmarks

# Real issues carry no licence and are no part of this repository; DATA says where they are.
DATA ?= ../shared/data/triage

scores: $(VENV)/.installed ## Make the classifier anew and print what it is worth on what it has not seen
	@$(BIN)/reeve train $(addprefix $(DATA)/,nlbse24_train.jsonl en_train.jsonl zh_train.jsonl authored_train.jsonl) \
		$(sort $(wildcard training/written*.jsonl)) --reread training/reread.jsonl --out weights/triage.bin --check \
		$(addprefix --adapt ,facebook/react tensorflow/tensorflow microsoft/vscode bitcoin/bitcoin opencv/opencv)

soak: $(VENV)/.installed-dev ## Kill everything a hundred times under load and count what is lost
	@$(BIN)/python -m pytest -m soak -n 0

lock: ## Pin every dependency by version and hash (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra build pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	echo torch==2.13.0 | uv pip compile -q $(if $(WHEELS),--find-links $(WHEELS)) --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -c requirements.txt - -o requirements-bench.txt
