# Every command of this project. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
STACK ?= dev
SYSTEMS ?=
PORT ?= 4566
DETACH ?=
ENGINE ?= embedded
TARGET ?=
BIN := .venv/bin
CORES := $(shell nproc 2>/dev/null || echo 2)
# Tests often wait, so that more workers than cores pay off.
WORKERS ?= $(shell echo $$(($(CORES) * 3 / 2)))
# A number: other random choices in tests than the fixed ones.
TEST_SEED ?=
export TEST_SEED
# tests/quick.py says which tests share a worker and which come first.
PYTEST := $(BIN)/python -m pytest --dist loadscope --no-loadscope-reorder $(if $(TEST_SEED),--hypothesis-seed=$(TEST_SEED))

# A caller's own settings must not leak into ours: stale bytecode rules or a foreign index of modules.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

.PHONY: help up down preview engine check test pr lint types api client contract service bench lock recover smoke deploy-policy policy-data dist clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

up: .venv/local .venv/lambda ## run the platform on this machine until Ctrl-C [STACK=dev|prod] [SYSTEMS=orders,...] [PORT=4566] [DETACH=1] [ENGINE=pulumi]
	@$(BIN)/python -m local up --stack '$(STACK)' --systems '$(SYSTEMS)' --port '$(PORT)' --engine '$(ENGINE)' $(if $(DETACH),--detach)

down: .venv/local ## stop what `make up` started
	@$(BIN)/python -m local down

preview: .venv/local ## what a stack has, with no cloud, no keys and no Pulumi CLI [STACK=dev|prod]
	@$(BIN)/python -m tools.graph show --stack '$(STACK)'

engine: ## find the Pulumi CLI, or build it where there is Go; only deploys and tests/engine need it
	@if command -v pulumi; then pulumi version; \
	elif command -v go >/dev/null; then $(MAKE) --no-print-directory .colonnade/engine/bin/pulumi && .colonnade/engine/bin/pulumi version; \
	else echo "error: there is neither a Pulumi CLI nor Go to build one; https://www.pulumi.com/docs/iac/download-install/ says how to get it" >&2; exit 1; fi

.colonnade/engine/bin/pulumi: tools/engine/go.mod tools/engine/go.sum tools/engine/typescript/main.go
	@echo "building the Pulumi CLI, which takes some minutes"
	@mkdir -p $(@D)
	@cd tools/engine && go build -o $(abspath $(@D))/typescript-sdk ./typescript
	@cd tools/engine && version=$$(go list -m -f '{{.Version}}' github.com/pulumi/pulumi/pkg/v3) && \
	  go build -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$$version" -o $(abspath $@) \
	  github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

check: lint types ## what to run before each commit: format, lint, types and the quick tests
	$(PYTEST) -m 'not slow' --numprocesses $(CORES)

test: .venv/dev .venv/lambda .venv/policy ## run every test [WORKERS=3] [TEST_SEED=1]
	$(PYTEST) --numprocesses $(WORKERS) --durations=25

pr: lint types api test ## exactly what CI runs

api: .venv/dev ## fail on a change of apis/ that breaks released clients
	$(BIN)/python -m tools.api_check

client: .venv/dev ## write typed clients and references from apis/ [API=todo] [OUT=clients]
	@$(BIN)/python -m tools.client $(if $(API),--api '$(API)') --out '$(or $(OUT),clients)'

lint: .venv/dev ## format and lint checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev ## strict types
	$(BIN)/mypy

contract: .venv/dev ## write tests/contract and docs/reference from the components; review the difference
	WRITE_CONTRACT=1 $(BIN)/python -m pytest --quiet tests/contract

service: .venv/dev ## write a new service into the repository: make service NAME=stock FORM=container|function|instance
	@$(BIN)/python -m tools.service '$(NAME)' --form '$(FORM)'

bench: .venv/dev .venv/lambda ## speed, memory and size, as ratios; results land in benchmarks/README.md
	$(BIN)/python -m benchmarks

recover: .venv/local ## bring failed work back after a fix: make recover SYSTEM=orders|telemetry|mails [STACK=dev]
	@$(BIN)/python -m tools.recover '$(SYSTEM)' --stack '$(STACK)'

smoke: .venv/local ## use every system of a deployed stack as its users do [STACK=dev] [TARGET=local|aws] [SYSTEMS=orders,...]
	@$(BIN)/python -m tools.smoke --stack '$(STACK)' $(if $(TARGET),--target '$(TARGET)') --systems '$(SYSTEMS)'
deploy-policy: .venv/local ## write the IAM policies of the roles that preview and deploy a stack: make deploy-policy STACK=prod ACCOUNT=123456789012 REGION=eu-west-1 [OUT=policies]
	@$(BIN)/python -m tools.deploy_policy --stack '$(STACK)' --account '$(ACCOUNT)' $(if $(REGION),--region '$(REGION)') --out '$(or $(OUT),policies)'

policy-data: .venv/uv ## collect again what AWS publishes about actions, after a change of tools/deploy_policy/actions.py
	@$(BIN)/uv run --quiet --isolated --no-project --with-requirements requirements/policy-data.txt python -m tools.deploy_policy.collect

dist: .venv/dev ## build the wheel and the source distribution
	$(BIN)/uv build --quiet

# The Lambda runtime's own interpreter: boto3 and nothing else, so that what is missing from a bundle fails here as on AWS.
.venv/lambda: requirements/lambda.txt .venv/uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/lambda-runtime
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --python .venv/lambda-runtime/bin/python -r $<
	@touch $@

# The policy pack's own environment: pulumi-policy needs another protobuf than the program.
.venv/policy: policy/requirements.txt .venv/uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/policy-runtime
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --python .venv/policy-runtime/bin/python -r $<
	@touch $@

.venv/local: requirements/local.txt .venv/uv
	@echo "installing $<"
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --python $(BIN)/python -r $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/local
	@echo "installing $<"
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --python $(BIN)/python -r $<
	@touch $@

.venv/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "error: Python 3.11 or newer is needed; set PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "making .venv"
	@$(PYTHON) -m venv .venv || { echo "error: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

# What the Lambda runtime ships (requirements/lambda.txt) need not be in a bundle again.
RUNTIME := boto3 botocore jmespath python-dateutil s3transfer six urllib3

lock: .venv/uv ## pin all dependencies again from pyproject.toml and the requirements.in files
	$(LOCK) pyproject.toml -o requirements.txt
	cp requirements.txt components/requirements.txt
	$(LOCK) pyproject.toml --extra local -o requirements/local.txt
	$(LOCK) pyproject.toml --extra local --extra dev -o requirements/dev.txt
	for each in requirements/*.in policy/requirements.in; do $(LOCK) $$each -o $${each%.in}.txt; done
	for each in $$(find handlers -name 'requirements*.in' -not -path '*/service_server/*'); do $(LOCK) --emit-build-options $(RUNTIME:%=--no-emit-package %) $$each -o $${each%.in}.txt; done
	$(LOCK) handlers/libraries/service_server/requirements.in -o handlers/libraries/service_server/requirements.txt

clean: ## remove everything that is not in the repository
	rm -rf .venv .local .colonnade clients policies dist .mypy_cache .ruff_cache .pytest_cache
