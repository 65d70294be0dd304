# Bare `make` lists what can be made. The first run sets up what is missing (tools/toolchain.sh).
MAKEFLAGS += --no-print-directory
TOOLS = EMCC=$$(tools/toolchain.sh); LLVM_BIN=$$(tools/toolchain.sh llvm); \
  CJSON=$$(tools/toolchain.sh cjson); export EMCC LLVM_BIN CJSON
RULES = $(MAKE) -s -f tools/rules.mk
JOBS ?= $(shell nproc)
PORT ?= 8080
SECONDS ?= 300
N ?= 50
SEED ?= 1

help: ## lists the targets
	@echo "Tensorine: make TARGET"; echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  \1: /p' Makefile | while IFS=: read -r t d; do printf '  %-10s%s\n' $$t "$$d"; done
	@echo; echo "  OP=conv2d make test runs one op's tests; JOBS=n sets how many compilers run at once."

build: generated node_modules/.stamp ## makes dist/: the library for script tag, import and require
	@set -e; $(TOOLS); $(RULES) -j$(JOBS) dist

quick: generated node_modules/.stamp ## makes dist/ for work on the library: types are neither checked nor bundled
	@set -e; $(TOOLS); $(RULES) -j$(JOBS) quick

generated:
	@tools/toolchain.sh node
	@node tools/gen.mjs

native: generated ## makes build/native/*/libtensorine.a for C programs (CC=clang, SAN=address,undefined)
	@set -e; CJSON=$$(tools/toolchain.sh cjson); export CJSON; $(RULES) -j$(JOBS) native

install: generated ## puts headers, library and pkg-config file for C programs in PREFIX=/usr/local
	@set -e; CJSON=$$(tools/toolchain.sh cjson); export CJSON; $(RULES) -j$(JOBS) install $(if $(PREFIX),PREFIX=$(PREFIX))

demo: build ## trains, saves and reloads a small net, then classifies photographs with MobileNet
	@node demo/demo.mjs $(ARGS)

test: export OP := $(OP)
test: build ## runs all tests: native under sanitizers, Node, Chromium
	@tools/toolchain.sh test >/dev/null
	@set -e; $(TOOLS); $(RULES) -j$(JOBS) probe
	@JOBS=$(JOBS) node tools/test.mjs

fuzz: build ## calls everything with random bytes for SECONDS=300 each (OP=conv2d: one op)
	@tools/toolchain.sh test >/dev/null
	@JOBS=$(JOBS) node tools/fuzz.mjs $(SECONDS)

serve: build ## serves the pages of web/ on localhost (PORT=8080)
	@node tools/serve.mjs $(PORT)

bench: build ## measures against TensorFlow.js, both in one run
	@node tests/bench/run.mjs $(ARGS)

size: build ## shows bytes of what is shipped and lines of source
	@node tools/size.mjs

coverage: build ## how much of the sources the tests reach: C by gcov, JavaScript by c8
	@tools/toolchain.sh test >/dev/null
	@JOBS=$(JOBS) node tools/coverage.mjs

mutate: export N := $(N)
mutate: export SEED := $(SEED)
mutate: export FILE := $(FILE)
mutate: generated node_modules/.stamp ## plants N=50 small faults, one at a time, and counts those that a test finds (SEED=, FILE=)
	@tools/toolchain.sh test >/dev/null
	@set -e; $(TOOLS); JOBS=$(JOBS) node tools/mutate.mjs

folders: ## draws the folders of src/ into docs/ARCHITECTURE.md
	@node tools/folders.mjs

check: build ## formatting, linters, types, order of folders, lengths and sizes; `make test` begins with it
	@tools/toolchain.sh test >/dev/null
	@node tools/check.mjs

format: node_modules/.stamp ## formats all sources and tests
	@git ls-files 'src/*.[ch]' 'tests/*.[ch]' | xargs node_modules/.bin/clang-format -i
	@node_modules/.bin/prettier --log-level=warn --write js tests tools web demo eslint.config.mjs

clean: ## removes what was built; the toolchain in the user's cache stays
	@rm -rf build dist js/generated node_modules/.stamp

node_modules/.stamp: package.json package-lock.json
	@tools/toolchain.sh node
	@echo "installing npm packages"; npm ci --no-fund --no-audit --loglevel=error && touch $@

.PHONY: help build quick generated native install demo test fuzz serve bench size coverage mutate folders check format clean
