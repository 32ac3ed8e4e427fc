# The one list of commands. `make help` prints it.
PORT ?= 8000
DATA_DIR ?= ./var
PYTEST_ARGS ?=
PY := .venv/bin/python

# Settings to check production with; nothing connects to these addresses. Checks keep their data out of DATA_DIR.
EMBEDDED := env -u DATABASE_URL -u REDIS_URL DATA_DIR=.venv/check
PRODUCTION := env DATA_DIR=.venv/check DATABASE_URL=postgresql://check@localhost:1/check REDIS_URL=redis://localhost:1/0 \
	DJANGO_SECRET_KEY=only-for-make-check-0123456789-abcdefghijklmnopqrstuvwxyz DJANGO_ALLOWED_HOSTS=desk.example.com \
	DJANGO_HTTPS=1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check bench fuzz lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## make .venv and install the locked packages (PYTHON=python3.12 names another Python)
	@bin/setup

setup-dev:
	@bin/setup --dev

run: setup ## start everything on http://127.0.0.1:8000 (PORT=, DATA_DIR=); Ctrl-C stops it
	@DATA_DIR="$(DATA_DIR)" exec $(PY) manage.py serve --port "$(PORT)"

test: setup-dev ## the whole test suite (PYTEST_ARGS=; DATABASE_URL= and REDIS_URL= run it on PostgreSQL and Redis)
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v "$$name" >/dev/null 2>&1 && exit 0; \
	done; \
	echo "*** NO CHROMIUM FOUND: browser tests cannot run. Install it: sudo apt-get install -y chromium" \
		"(or set CHROMIUM=/path/to/chrome)" >&2; \
	test "$$REQUIRE_BROWSER" != 1
	@$(PY) -m pytest $(PYTEST_ARGS)

check: setup-dev ## ruff, format, types, migrations, import order and words, production settings, API schema
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(EMBEDDED) $(PY) -m mypy
	$(EMBEDDED) $(PY) manage.py makemigrations --check --dry-run
	$(EMBEDDED) $(PY) -m pytest tests/architecture
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	$(EMBEDDED) $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

bench: setup-dev ## measure speed, memory and match quality
	@test -e tests/bench/__main__.py || { echo "There is no bench here: tests/bench/__main__.py is missing." >&2; exit 1; }
	@$(PY) -m tests.bench

fuzz: setup-dev ## 10,000 mutated list files through every parser (FUZZ_ARGS=)
	@$(PY) -m tests.fuzz $(FUZZ_ARGS)

lock: setup-dev ## resolve requirements*.in again (LOCK_ARGS=--upgrade for newer versions)
	@$(PY) -c 'import uv' 2>/dev/null || $(PY) -m pip install --quiet --only-binary :all: uv
	@for name in requirements requirements-dev; do \
		$(PY) -m uv pip compile --quiet --universal --generate-hashes --only-binary :all: --no-header \
			--python-version 3.11 $(LOCK_ARGS) $$name.in -o $$name.txt || exit 1; \
	done

clean: ## remove .venv and caches; DATA_DIR stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
