# Two targets are enough: `make demo` and `make test`. Both make their own .venv. `make test-all` runs the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all check suite openssl php shells reference dist box vectors oracles broken archives bias docs pictures examples
.PHONY: peers offers pins page browser outdated fuzz differential faults leak speed mutation clean

demo: $(VENV)/.installed
	ECPURE_BACKEND=python $(BIN)/python docs/examples/demo.py
	ECPURE_BACKEND=gmpy2 $(BIN)/python docs/examples/demo.py

# Check a change, in about four minutes on two cores: lint, types and import rules, beside every test except the long
# ones, those of the core on both backends, with every branch covered. `make test-all` runs the rest.
test: $(VENV)/.tools openssl
	@date +%s > $(VENV)/started
	@$(MAKE) --no-print-directory -j2 check suite
	@echo "make test: everything passed, in $$(($$(date +%s) - $$(cat $(VENV)/started))) s"

# Everything, on every Python from 3.11 on that is found: long tests, fresh environments, pages, vectors made again.
test-all: test php shells browser
	$(BIN)/nox

check: $(VENV)/.tools
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

# Child processes of tests import the installed package, not the checkout.
suite: export PYTHONSAFEPATH = 1
suite: export COVERAGE_FILE = .cache/coverage/data
suite: $(VENV)/.tools
	rm -rf .cache/coverage && mkdir -p .cache/coverage
	ECPURE_BACKEND=gmpy2 $(BIN)/coverage run -m pytest $(QUICK) $(addprefix --ignore=tests/,$(HOUSE))
	ECPURE_BACKEND=python $(BIN)/coverage run -m pytest $(QUICK) $(OF_PYTHON)
	ECPURE_BACKEND=python $(BIN)/pytest $(QUICK) $(addprefix tests/,core $(HOUSE))
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

QUICK := -q -n auto -m "not long" -p no:cacheprovider
# What is around the package: its pages, peers and records.
HOUSE := docs interop page project
# Tests of the branches that are taken only with plain int.
OF_PYTHON := $(addprefix tests/,core/test_integers.py core/test_integers_choice.py measure/test_peers.py)

# The tests check keys and signatures with OpenSSL's command, which is installed if it is missing and apt-get is there.
openssl:
	@command -v openssl >/dev/null || { apt-get update -q && apt-get install -qy openssl; } || \
	{ echo "The suite needs OpenSSL's command line: install the package openssl of your system." >&2; exit 1; }

# Old scripts in PHP run the drop-in sign_secp224k1; without PHP, that test is skipped, and says so.
php:
	@command -v php >/dev/null || { apt-get update -q && apt-get install -qy php-cli; } || \
	echo "PHP's command line (Debian's php-cli) is not available: continuing without it." >&2

# Completion is tested in the shells, and the man page in two formatters; tests skip missing ones, and say so.
shells:
	@for tool in bash zsh fish mandoc groff; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	test -z "$$missing" || { apt-get update -q && apt-get install -qy $$missing; } || \
	echo "Continuing without$$missing." >&2

# The page is tested in a browser, and its Python in Node; tests skip missing ones, and say so.
browser: $(VENV)/.tools
	@for tool in chromium node; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	test -z "$$missing" || { apt-get update -q && apt-get install -qy $$(echo $$missing | sed s/node/nodejs/); } || \
	echo "Continuing without$$missing." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group page || \
	echo "Continuing without Playwright, which has no wheel for this machine." >&2

# Files made from the command's parser: docs/command.md, the man page, the shell completion scripts; and from the metadata:
# the bill of materials inside the wheel.
reference: $(VENV)/.tools
	PYTHONPATH=. $(BIN)/python tests/tools/commandpages.py
	$(BIN)/python tests/tools/box.py bill

# A release, in dist/: wheel, source archive and test vectors of the last commit, built twice and compared; checksums; a
# bill of materials.
dist: $(VENV)/.dist
	$(BIN)/python tests/tools/box.py

# tests/tools/dist.txt: what `make dist` builds with, the group `dist` and all that it needs, by version and SHA-256.
pins: $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group pins
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make pins" --group dist --output-file tests/tools/dist.txt

# dist/ecpure.html: one file that verifies receipts and signatures in a browser, offline.
page: $(VENV)/.made
	$(BIN)/python page/build.py

# Install the wheel in dist/ by itself, in empty environments of every Python from 3.11 on that is found.
box: dist
	$(BIN)/python tests/tools/fresh.py dist/*.whl

# Make the suite in vectors/suite again, with the programs in vectors/make.
vectors: $(VENV)/.tools
	$(BIN)/python vectors/make

# Run every case with every independent program that can judge it; the record is vectors/confirmed.json.
oracles: $(VENV)/.tools openssl
	@test -e /usr/share/java/bcprov.jar || { apt-get update -q && apt-get install -qy libbcprov-java; } || \
	echo "BouncyCastle (Debian's libbcprov-java) is not available: continuing without it." >&2
	@test -e .cache/noble/node_modules/@noble/curves || \
	npm install --silent --no-fund --no-audit --prefix .cache/noble @noble/curves@2.4.0 || \
	echo "noble (npm's @noble/curves) is not available: continuing without it." >&2
	$(BIN)/python vectors/oracles

# Which classes of the suite other libraries fail, as counts: the table of docs/peers.md. Takes some minutes.
peers: $(VENV)/.tools
	PYTHONPATH=$(CURDIR)/vectors/oracles $(BIN)/python tests/tools/peertable.py

# The suite in the formats of Wycheproof and CCTV, in .cache/offers: docs/offering.md says what to do with it.
offers: $(VENV)/.tools
	$(BIN)/python tests/tools/offers.py

# Which cases catch each program that is wrong on purpose; ECPURE_WYCHEPROOF names the folder of Wycheproof's files.
broken: $(VENV)/.tools
	$(BIN)/python vectors/broken.py --write

# Times and memory of verify-many and audit by number of keys, on archives of up to a million records, and a run that is
# killed and resumed. Takes two hours, on an otherwise idle machine; resumes an interrupted run. Fails if a requirement is
# missed.
archives: $(VENV)/.tools
	@missed=0; for program in archive_speed audit_figures; do \
	$(BIN)/python tests/evidence/$$program.py .cache/archives || missed=1; done; exit $$missed

# How many signatures with biased nonces reveal a key, and how fast: a table in docs/audit-archives.md. Some minutes.
bias: $(VENV)/.tools
	$(BIN)/python tests/evidence/bias_figures.py

# The pages of docs/ as a site in .cache/site; warnings are errors.
docs: $(VENV)/.tools
	@$(BIN)/python page/build.py || echo "Continuing without the page, ecpure.html." >&2
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs .cache/site
	@echo ".cache/site/index.html"

# The pictures of docs/, drawn from the code and from measurements.
pictures: $(VENV)/.tools
	$(BIN)/python tests/evidence/pictures.py

# The files that the examples in docs/ read.
examples: $(VENV)/.installed
	$(BIN)/python tests/tools/examplefiles.py

# Evidence: each program writes its record and table to docs/evidence. Each takes minutes, or tens of minutes.

# List the records whose sources have changed since.
outdated: $(VENV)/.tools
	$(BIN)/python tests/evidence/outdated.py

fuzz: $(VENV)/.tools
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --group fuzz || \
	echo "atheris has no wheel for this Python: fuzzing without coverage." >&2
	$(BIN)/python tests/evidence/fuzz.py

differential: $(VENV)/.tools openssl
	$(BIN)/python tests/evidence/differential.py

faults: $(VENV)/.tools
	$(BIN)/python tests/evidence/injected_faults.py

speed: $(VENV)/.tools
	$(BIN)/python tests/evidence/speed.py

leak: $(VENV)/.tools
	$(BIN)/python tests/evidence/timing.py

# Mutation testing of the modules that decide, one small mistake at a time. Resumes an interrupted run, and writes
# docs/mutation.md. Takes an hour or two; `$(BIN)/python tests/evidence/mutation.py field` runs one module.
mutation: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group mutation
	$(BIN)/python tests/evidence/mutation.py

# The environment, with a pip that supports dependency groups.
$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	touch $@

# The package as a user gets it: an installed wheel, built again if a source file is newer.
$(VENV)/.installed: $(VENV)/.made pyproject.toml hatch_build.py README.md CHANGELOG.md LICENSE \
  docs/ecpure.1 docs/ecpure.cdx.json $(shell find ecpure vectors/suite -type f ! -name '*.pyc')
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps .
	$(BIN)/python -m pip install --quiet --disable-pip-version-check ".[fast]"
	touch $@

# Only what builds a release: files with these SHA-256.
$(VENV)/.dist: $(VENV)/.made tests/tools/dist.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/tools/dist.txt
	touch $@

$(VENV)/.tools: $(VENV)/.installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group check --group docs --group test --group house
	touch $@

clean:
	rm -rf $(VENV) .cache .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
