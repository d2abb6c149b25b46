# The two commands: `make demo` and `make test`. `make help` lists the others.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
VAR_DIR ?= $(CURDIR)/var
export VAR_DIR

# What makes the demo differ from production: nothing but these.
DEMO_ENV = DEMO=1 SECRET_KEY="$$(cat "$(VAR_DIR)/secret-key")" ALLOWED_HOSTS=127.0.0.1,localhost \
	SITE_URL=http://127.0.0.1:$(PORT)
# Tests and checks read no secret and keep none.
TEST_ENV = SECRET_KEY=only-for-tests-and-checks-0123456789-abcdefghijklmnop ALLOWED_HOSTS=127.0.0.1,localhost,testserver \
	SECURE=0 LOG_LEVEL=ERROR
# What production has to say for itself (docs/operations.md).
DEPLOY_ENV = $(TEST_ENV) SECURE=1 DATABASE_URL=postgres://wellness@localhost/wellness SITE_URL=https://wellness.example

.PHONY: help
help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/'

.PHONY: demo
demo: $(VENV)/installed ## Serve the site with its demo content on http://127.0.0.1:8000 (PORT=)
	@mkdir -p "$(VAR_DIR)"
	@test -s "$(VAR_DIR)/secret-key" || (umask 077; $(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))" > "$(VAR_DIR)/secret-key")
	@$(DEMO_ENV) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py load_demo
	@echo "Serving on http://127.0.0.1:$(PORT) (the admin is at /admin/). Ctrl-C ends it. Mail: files in $(VAR_DIR)/mail"
	@export $(DEMO_ENV); ended=; \
	trap 'ended=1; kill $$server $$worker 2>/dev/null' INT TERM HUP; \
	READ_AHEAD=1 $(BIN)/gunicorn wellness.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --preload --log-level warning & server=$$!; \
	$(BIN)/python manage.py db_worker --verbosity 0 & worker=$$!; \
	wait $$server; status=$$?; \
	[ "$$ended" ] || kill $$worker 2>/dev/null; \
	wait; [ "$$ended" ] || exit $$status

.PHONY: worker
worker: $(VENV)/installed ## Send the mail and do the other tasks of the demo, where only a server runs
	@exec env $(DEMO_ENV) $(BIN)/python manage.py db_worker

.PHONY: test
test: $(VENV)/installed-dev ## Run every test: on SQLite, on PostgreSQL, in Chromium
	@mkdir -p "$(VAR_DIR)"
	@echo "== SQLite"
	@env -u DATABASE_URL $(TEST_ENV) $(BIN)/python -m pytest -n auto -m "not journey" tests
	@echo "== PostgreSQL"
	@$(TEST_ENV) $(BIN)/python -W ignore -m tests.postgres $(BIN)/python -m pytest -n auto -m "database and not journey" tests
	@echo "== Chromium"
	@env -u DATABASE_URL $(TEST_ENV) $(BIN)/python -m pytest -n auto -m journey tests/journeys

.PHONY: check
check: $(VENV)/installed-dev ## Format, lint, types, import contract, migrations, deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(TEST_ENV) $(BIN)/mypy
	$(BIN)/lint-imports
	env -u DATABASE_URL $(TEST_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	$(DEPLOY_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: format
format: $(VENV)/installed-dev ## Put everything into the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2

.PHONY: benchmarks
benchmarks: $(VENV)/installed-dev ## Print what pages cost; benchmarks/README.md has the larger ones
	$(BIN)/python -m benchmarks.freezing
	$(BIN)/python -m benchmarks.synthesis

.PHONY: lock
lock: $(VENV)/installed-dev ## Write requirements*.txt anew from pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--allow-unsafe --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

.PHONY: clean
clean: ## Forget the demo: its database, uploads and logins
	cd "$(VAR_DIR)" && rm -rf static media mail wellness.sqlite3 wellness.sqlite3-shm wellness.sqlite3-wal demo-logins.txt secret-key

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed.' if sys.version_info < (3, 11) else 0)"
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements-dev.txt
	@touch $@
	@touch $(VENV)/installed
