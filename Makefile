# Everything from a fresh machine with Python 3.11 and make. `make` alone says what there is.

PYTHON ?= python3
PORT ?= 8000
DATA ?= var
JOBS ?= 2

BIN := .venv/bin
PIP_INSTALL := $(BIN)/pip install -qq --disable-pip-version-check
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links
RUNS := .venv/.runs
TESTS := .venv/.tests
WIRES := .venv/.wires

.PHONY: help demo install test check bench screenshots lock clean

help:
	@echo "make demo [PORT=8000] [DATA=var]   a sample library in a browser"
	@echo "make install                       .venv/bin/amerce, without a sample library"
	@echo "make test                          every test, and what touches money also on PostgreSQL"
	@echo "make check                         lint, types, layers, migrations, lock files"
	@echo "make bench                         our speed beside that of plain SQL"
	@echo "make screenshots PATRON=id         the pictures of the documents, from a running demo"
	@echo "make lock                          compile the lock files again"
	@echo "make clean                         remove what make and the tools left here; DATA stays"

demo: export AMERCE_DATA_DIR := $(abspath $(DATA))
demo: $(RUNS)
	@$(BIN)/amerce demo --port $(PORT)

install: $(RUNS)

test: $(TESTS) $(WIRES)
	@.ci/browser
	$(BIN)/pytest -n $(JOBS) --dist loadgroup -q
	AMERCE_TEST_ENGINE=postgresql $(BIN)/pytest -n $(JOBS) --dist loadgroup -q -m money

check: export AMERCE_SECRET_KEY := only for checks
check: export AMERCE_DATABASE_URL := sqlite://:memory:
check: export DJANGO_SETTINGS_MODULE := amerce.config.settings
check: $(TESTS)
	$(BIN)/ruff check amerce tests docs
	$(BIN)/ruff format --check amerce tests docs
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint amerce --lint --quiet
	$(BIN)/django-admin makemigrations --check --dry-run
	$(BIN)/pytest -q tests/test_install.py

bench: $(TESTS)
	@$(BIN)/amerce bench

# While `make demo` runs: the pictures of the documents. PATRON is a primary id of the sample library.
screenshots: $(TESTS)
	$(BIN)/python docs/screenshots/take.py $(PORT) $(PATRON)

# What runs is what is tested, so the tests' versions bind the others. The build system's own requirements are locked too, so that nothing unknown takes part in an installation.
lock: $(TESTS)
	$(UV_COMPILE) --group dev pyproject.toml -o requirements-dev.lock
	$(UV_COMPILE) -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')" \
	  | $(UV_COMPILE) --no-annotate --custom-compile-command "make lock" - -o requirements-build.lock
	$(UV_COMPILE) --no-annotate --group wires -o requirements-wires.lock

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find amerce tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Amerce needs Python 3.11 or newer, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Amerce needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try make PYTHON=python3.11." % sys.version_info[:2])'
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv
	@touch $@

$(RUNS): .venv/.made requirements-build.lock requirements.lock pyproject.toml
	@echo "Installing what Amerce needs …"
	@$(PIP_INSTALL) --require-hashes -r requirements-build.lock -r requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTS): $(RUNS) requirements-dev.lock
	@echo "Installing what the tests need …"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# Programs that were written for Alma, which the tests run as they are published; node itself comes as a wheel.
$(WIRES): .venv/.made requirements-wires.lock tests/wires/programs/package-lock.json
	@echo "Installing programs written for Alma …"
	@$(PYTHON) -m venv .venv/wires
	@.venv/wires/bin/pip install -qq --disable-pip-version-check --require-hashes -r requirements-wires.lock
	@cp tests/wires/programs/package.json tests/wires/programs/package-lock.json .venv/wires
	@cd .venv/wires && PATH="$(CURDIR)/.venv/wires/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
