# Everything is a goal here; `make` alone lists them. The environment in .venv/ is made on the first call.

PYTHON ?= python3
BIN := .venv/bin
BOOTSTRAP = @$(PYTHON) scripts/bootstrap.py
REQUIRES = @$(PYTHON) scripts/requires.py
CODE := gateway adapters forwarder parsers
SECONDS_PER_TARGET ?= 300
TESTS_AT_ONCE ?= 4
RELEASE = $(PYTHON) scripts/install.py $(if $(DRY_RUN),--dry-run) $(if $(DESTDIR),--destdir $(DESTDIR)) $(if $(PREFIX),--prefix $(PREFIX))

.DEFAULT_GOAL := help
.PHONY: help demo cluster test check score bench faults nightly fuzz docs wheel lock install upgrade rollback uninstall deb clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

demo: ## seven citizens, then your own SMS (ONCE=1: end when all replies are sent)
	$(BOOTSTRAP)
	@$(BIN)/lapor-gateway demo $(if $(ONCE),--once)

cluster: ## the same on many machines: 2 gateways, 2 workers, Redis, peers, 11 processes (ONCE=1 as above)
	$(BOOTSTRAP) --dev
	@$(BIN)/lapor-gateway demo --cluster $(if $(ONCE),--once)

test: check ## check, then every test (COVERAGE_MIN=95: measured, and no less)
ifdef COVERAGE_MIN
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --fail-under=$(COVERAGE_MIN)
else
	$(BIN)/pytest -n $(TESTS_AT_ONCE) --dist worksteal
endif

check: ## style, types, who imports whom
	$(BOOTSTRAP) --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -p no:randomly tests/qa

score: ## the routing engine on the labelled corpus: wrong offices first
	$(BOOTSTRAP) --dev
	$(BIN)/python -m tests.corpus.score

bench: ## how fast, on this machine (beside Kannel where it is installed)
	$(BOOTSTRAP) --dev
	$(REQUIRES) --optional kannel
	$(BIN)/python -m bench

faults: ## kills, torn logs, sick disks, clocks that jump; each figure goes into docs/reliability.csv
	$(BOOTSTRAP) --dev
	$(REQUIRES) strace libfaketime
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.faults.table

nightly: ## faults, bench, fuzz and the exposure of every unit
	$(BOOTSTRAP) --dev
	$(REQUIRES) strace libfaketime systemd-analyze kannel
	LENGTH=nightly $(BIN)/python -m tests.systemd
	$(BIN)/python -m tests.faults --nightly; held=$$?; $(BIN)/python -m tests.faults.table; exit $$held
	$(MAKE) bench fuzz SECONDS_PER_TARGET=60

fuzz: ## hostile bytes for every parser, SECONDS_PER_TARGET each
	$(BOOTSTRAP) --dev
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS_PER_TARGET)

docs: ## write the generated pages of docs/ anew
	$(BOOTSTRAP) --dev
	$(BIN)/python scripts/make_settings.py
	$(BIN)/python scripts/make_pages.py
	$(BIN)/python scripts/make_texts.py
	$(BIN)/python scripts/make_watch.py
	$(BIN)/python -m tests.faults.table

wheel: ## dist/*.whl
	$(BOOTSTRAP)
	$(BIN)/python -m hatchling build --target wheel

install: ## as root: build this checkout, check the settings with it, run it (docs/operations.md; DRY_RUN=1, DESTDIR, PREFIX)
	@$(MAKE) --no-print-directory --silent wheel
	@$(RELEASE) install --wheel "$$(ls -t dist/*.whl | head -n 1)"

upgrade: install ## the same as install

rollback: ## as root: run the release before this one again (JOURNAL=backup: with the journal as it was then)
	@$(RELEASE) rollback $(if $(JOURNAL),--journal $(JOURNAL))

uninstall: ## as root: take the program away; settings, secrets, journal and backups stay
	@$(RELEASE) uninstall

deb: wheel ## dist/lapor-gateway_*.deb, the same for root and others and on every day
	@$(PYTHON) scripts/deb.py --wheel "$$(ls -t dist/*.whl | head -n 1)"

lock: ## pin the newest versions, with the hashes of all their files
	$(BOOTSTRAP)
	$(BIN)/python scripts/lock.py

clean: ## remove what was made here, the environment too
	rm -rf .venv .venv.lock dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) bench scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
