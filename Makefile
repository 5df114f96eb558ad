# One command for each question, the same here and in continuous integration.
#
#   make up            everything on this machine, from a fresh clone to the sign-in page (Ctrl-C stops it)
#   make test          everything the continuous integration checks
#   make lint types laws api vitest pytest     parts of it
#   make bench-loop bench-editor bench-prompting bench-safety bench-realtime    measure; write build/bench/….json
#   make bench-engine  our recipes beside cellpose and StarDist (ARGS="--seeds 3 …", see benchmarks/engine.py)
#   make bench-tracking    linkers, and scores of tracks, beside the public ones
#   make bench-throughput  learning and reading by precision, cores or cards, compiled or not
#   make bench-team    consensus of a simulated crowd beside majority votes and STAPLE; many people at once
#   make screenshots   every page in Chromium, into build/screenshots/

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := up

PYTHON ?= python3
BIN := .venv/bin
PY_STAMP := .venv/.installed
NODE_STAMP := frontend/node_modules/.installed
PAGES_STAMP := frontend/dist/.built
PAGES_SOURCES := $(shell find frontend/src frontend/public -type f ! -name '*.test.ts' ! -name '*.test.tsx' 2>/dev/null) \
	$(wildcard frontend/index.html frontend/*.json frontend/vite.config.ts frontend/.npmrc)
BENCHMARKS := $(addprefix bench-,loop editor prompting safety realtime volumes translation large atlas crops ablation lineage throughput)
PYTEST_WORKERS ?= 2
SAY := printf '\033[1m▸ %s\033[0m\n'

.PHONY: up install pages test system lint types laws api api-check vitest pytest lock screenshots $(BENCHMARKS) bench-engine bench-tracking bench-team clean

up: install pages
	@exec $(BIN)/cytoloop up --parent $$PPID

install: $(PY_STAMP) $(NODE_STAMP)

pages: $(PAGES_STAMP)

$(PY_STAMP): requirements.lock pyproject.toml
	@sh .ci/check-tools python $(PYTHON)
	@test -x $(BIN)/python || { $(SAY) "Making the Python environment (.venv)"; $(PYTHON) -m venv .venv; }
	@$(SAY) "Installing Python packages (the first time this is a few gigabytes and some minutes)"
	@$(BIN)/python -m pip install --disable-pip-version-check --prefer-binary -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $@

$(NODE_STAMP): frontend/package-lock.json frontend/package.json
	@sh .ci/check-tools node
	@$(SAY) "Installing page packages"
	@cd frontend && npm ci --no-audit --no-fund
	@touch $@

$(PAGES_STAMP): $(NODE_STAMP) $(PAGES_SOURCES)
	@$(SAY) "Building the pages"
	@cd frontend && npm run build --silent
	@touch $@

test: install system pages lint laws types api-check vitest pytest
	@$(SAY) "All good"

# Chromium, PostgreSQL and Redis: the journeys drive the first, the servers test talks to the others.
system:
	@sh .ci/system-packages

lint: install
	@$(SAY) "Lint"
	@$(BIN)/ruff check .
	@cd frontend && npm run lint --silent

laws: install
	@$(SAY) "Import laws"
	@$(BIN)/lint-imports

types: install
	@$(SAY) "Types"
	@$(BIN)/mypy backend annotation training tests benchmarks
	@cd frontend && npm run typecheck --silent

vitest: install
	@$(SAY) "Page and editor tests"
	@cd frontend && npm run test --silent

pytest: install pages
	@$(SAY) "Python tests"
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadfile -m "not browser and not servers"
	@$(SAY) "Browser journeys"
	@# Browsers on busy machines are late at times: what failed is tried once more, and must pass then.
	@$(BIN)/pytest -m browser || $(BIN)/pytest -m browser --last-failed
	@$(SAY) "The loop against PostgreSQL and Redis servers, and processes killed while people draw"
	@$(BIN)/pytest -m servers || $(BIN)/pytest -m servers --last-failed

# The OpenAPI document from the code, the page's types from the document.
api: install
	@mkdir -p build
	@CYTOLOOP_HOME=build/api-home $(BIN)/python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn
	@cd frontend && npm run api --silent

api-check: install
	@$(SAY) "OpenAPI document and page types are current"
	@sh .ci/check-api

# Pins everything that this environment needs, from what is installed in it.
lock:
	@$(BIN)/python .ci/lock.py > requirements.lock.new && mv requirements.lock.new requirements.lock

screenshots: install pages
	@$(BIN)/python -m tests.browser.screenshots build/screenshots

# A static pattern: a plain `bench-%` would also claim pages' files that are called bench-….
$(BENCHMARKS): bench-%: install pages
	@$(SAY) "Measuring: $*"
	@$(BIN)/python -m benchmarks.$*

# 600 CPU-seconds for each of four engines on one set: some 50 minutes on one core. ARGS asks for more.
bench-engine: install
	@$(SAY) "Measuring: engine"
	@$(BIN)/python -m benchmarks.engine $(ARGS)

# Linking, repairs and scores, each beside its peers, in ten minutes on idle cores; a linker is trained for two
# CPU-minutes where none is kept. WHOLE=yes takes some forty CPU-minutes: all lineages, ten minutes of training, all
# fresh seeds anew.
TRACKING_SCORES = $(if $(WHOLE),,--lineages 150)
TRACKING_LEARNED = $(if $(WHOLE),,--kept --cpu-minutes 2)
TRACKING_FRESH = $(if $(WHOLE),--again,--new 4)
bench-tracking: install
	@$(SAY) "Measuring: tracking"
	@$(BIN)/python -m benchmarks.tracking $(ARGS)
	@$(BIN)/python -m benchmarks.tracking_repairs
	@$(BIN)/python -m benchmarks.tracking_scores $(TRACKING_SCORES)
	@$(BIN)/python -m benchmarks.tracking_learned $(TRACKING_LEARNED)
	@$(BIN)/python -m benchmarks.tracking_fresh $(TRACKING_FRESH)

# A simulated crowd: some ten CPU-minutes, SimpleITK in an environment of its own. Then campaigns of up to
# 100,000 answers (SIZES_ARGS="--kinds CELL"), a minute of 200 workers at once, and ten of 50 people who draw
# (LOAD_ARGS="--seconds 60 --minutes 10"); the workers again on two web processes together.
bench-team: install
	@$(SAY) "Measuring: team"
	@$(BIN)/python -m benchmarks.crowd $(ARGS)
	@$(BIN)/python -m benchmarks.crowd_sizes $(SIZES_ARGS)
	@$(BIN)/python -m benchmarks.team_load $(LOAD_ARGS)
	@$(BIN)/python -m benchmarks.team_load --web 2 --minutes 0

clean:
	rm -rf build frontend/dist .mypy_cache .ruff_cache .pytest_cache
