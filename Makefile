# Every target sets up .venv by itself; PYTHON chooses the interpreter that makes it (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
REQUIREMENTS := requirements.txt requirements-train.txt requirements-dev.txt
SOURCES := app.py lesion_core dashboards tests
# Processes that run the tests side by side; a file's tests stay together, for they share its app and its page.
WORKERS ?= 2

.PHONY: setup app test check format bench train-gpu
setup: .venv/.ready

.venv/.ready: $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/.ready

app: setup  ## serve the demo with the bundled models (GRADIO_SERVER_PORT chooses the port)
	$(BIN)/python app.py

check: setup  ## what CI runs: format, lint, types, tests
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	@rm -f dashboards/widgets/*.pyi  # Gradio writes them beside its subclasses; they hide the source from mypy
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

test: check

format: setup
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: setup
	$(BIN)/python -m lesion_core bench

# One unit of training on a machine that may be cut off, with the Python that is there (docs/training.md), e.g.
#   make train-gpu UNIT="fold runs/pack/busbra/cases.csv --fold 3 --preset paper --out runs/bnet-cv"
# It leaves off in time and ends with 3; the same command then goes on. Nothing is installed.
train-gpu:
	$(PYTHON) -m lesion_core.training $(UNIT)
