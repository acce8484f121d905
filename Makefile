# One verb each; every target makes what it needs. `make demo` is the place to begin.
#
#   demo   two simulated venues, orders, fills, positions, the round trip's figures
#   test   every test, the acceptance runs against counterparties of others included
#   bench  the speed table
#   bench-compiled  the same table, on the compiled leg
#   compare  the same reports and orders to fix_oms and to its peers, side by side
#   spec   the legality table's Python and page from spec/, the pages of controls, alerts, hostile cases and intruders from theirs
#   lint   ruff, mypy --strict and the tidy tests
#   compiled  the tests again, on a wheel whose hot modules are compiled by mypyc
#   soak   the long runs: tests marked soak, and the property tests with many more examples
#   mutate  the life of an order: every branch reached, every mutant killed or explained (10 minutes)
#   clean  removes what make made (never a journal: those are in var/)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Tests of one file stay together on one worker: they share sessions, which take seconds to stop.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest
SPREAD := -n $(WORKERS) --dist loadfile

.PHONY: demo test compiled bench bench-compiled compare spec lint soak mutate clean

demo: $(READY)
	@$(BIN)/fix-oms demo

test: $(READY)
	@sh .ci/peers.sh
	@$(PYTEST) $(SPREAD) $(ARGS)

compiled: $(READY)
	@sh .ci/peers.sh
	@sh .ci/compiled.sh $(BIN)/python $(SPREAD) $(ARGS)

bench: $(READY)
	@$(BIN)/python -m bench $(ARGS)

bench-compiled: $(READY)
	@sh .ci/compiled.sh $(BIN)/python -q tests/test_leg.py
	@cd .venv-compiled/tree && ../bin/python -m bench $(ARGS)

compare: $(READY)
	@$(BIN)/python -m bench.peers $(ARGS)
	@$(BIN)/python -m bench.peers.risk $(ARGS)

spec: $(READY)
	@$(BIN)/python spec/generate.py
	@$(BIN)/python spec/controls.py
	@$(BIN)/python spec/hostile.py
	@$(BIN)/python spec/alerts.py
	@$(BIN)/python spec/examples.py
	@$(BIN)/python spec/intruders.py

lint: $(READY)
	@$(PYTEST) -q tests/tidy $(ARGS)

soak: $(READY)
	@sh .ci/peers.sh
	@$(PYTEST) $(SPREAD) -m "soak or hypothesis" --hypothesis-profile=soak --timeout=0 $(ARGS)

mutate: $(READY)
	@sh .ci/mutate.sh $(BIN)/python

clean:
	@rm -rf $(VENV) .venv-compiled .venv-peers .peers .mutants build dist *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml .ci/bootstrap.sh .ci/constraints.txt
	@sh .ci/bootstrap.sh
