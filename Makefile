# `make` alone lists what there is. Every target works on a fresh machine with Python 3.11+ and make.
.POSIX:
.SUFFIXES:
.PHONY: help run setup setup-dev test test-fast lint format types contracts messages logs bench bench-full check clean reset

PY = .venv/bin/python

help: ## list the targets
	@echo 'Xinzhi 信治'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo 'Settings: PORT=8000  HOST=127.0.0.1  HTTPS=1  DATABASE_URL=postgresql://user:password@host:5432/name'
	@echo 'The command line is .venv/bin/xinzhi (xinzhi --help).'

run: ## install what is missing and start everything: database, web, worker, demo township
	@python=$$(sh scripts/find-python.sh) && "$$python" scripts/setup.py runtime
	@exec $(PY) -m xinzhi.config.processes

setup: ## only install: environment, packages, front end, translations
	@python=$$(sh scripts/find-python.sh) && "$$python" scripts/setup.py runtime

setup-dev: ## the same with the tools for tests and linting
	@python=$$(sh scripts/find-python.sh) && "$$python" scripts/setup.py dev

test: setup-dev ## the whole suite on a throw-away embedded database (ARGS='-k roster' chooses)
	@exec $(PY) -m pytest -n logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder $(ARGS)

test-fast: setup-dev ## the suite without what is slow or needs a browser
	@exec $(PY) -m pytest -n logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder -m 'not slow and not browser' $(ARGS)

lint: setup-dev ## linter, format, types, import contracts
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy xinzhi
	$(PY) -c 'from importlinter.cli import lint_imports_command as contracts; contracts()'

format: setup-dev ## put every file into the one format
	$(PY) -m ruff check --fix --quiet . || true
	$(PY) -m ruff format .

messages: setup-dev ## collect, check and compile the translations
	.venv/bin/xinzhi messages update
	.venv/bin/xinzhi messages compile
	.venv/bin/xinzhi messages check

check: setup ## ask every package whether it is declared well
	@.venv/bin/xinzhi check

logs: ## follow what web, worker and database say
	@tail -n 20 -F .xinzhi/logs/web.log .xinzhi/logs/worker.log .xinzhi/logs/postgres.log

bench: setup-dev ## measure the hot paths in about ten minutes
	@exec .venv/bin/xinzhi with-database --throw-away --durable -- $(PY) -m bench

bench-full: setup-dev ## the same with larger sizes
	@exec .venv/bin/xinzhi with-database --throw-away --durable -- $(PY) -m bench --full

clean: ## remove what can be installed again; the data in .xinzhi stay
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find xinzhi tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

reset: ## delete this checkout's embedded database and all of .xinzhi (asks first; SURE=1 does not)
	@exec $(PY) -m xinzhi.config.processes reset
