# How each file is made; run by the Makefile, which passes EMCC, LLVM_BIN and CJSON (tools/toolchain.sh).
SRC := $(shell find src -name '*.c' -not -path 'src/backend/plugin/*') $(wildcard build/gen/*.c)
LIBS := $(shell find src -name '*.lib.js')
INCLUDE = -Isrc -Isrc/include -Ibuild/gen -I$(CJSON)
WARN = -Wall -Wextra -Werror
# The library's files see the prototypes of the families they include; tests, as programs, see all (tensorine.h).
INSIDE = $(if $(filter-out tests/% %/border.gen.c,$<),-DTN_INSIDE)
COMMON = -std=gnu11 -fwrapv -MMD -MP $(INSIDE) $(INCLUDE)

# ---- the library as it is shipped: types checked, the face bundled with the core
dist: build/dist.stamp web/api/index.html web/vis/index.html web/mnist/digits.png
build/dist.stamp: build/core.mjs build/plugin.wasm $(shell find js -name '*.ts' -o -name '*.css') $(wildcard tools/*.mjs) package.json tsconfig.json
	@echo "types"; node_modules/.bin/tsc -p .
	@node tools/build.mjs && touch $@

# ---- the manual, from the declarations in src and the comments in js
web/api/index.html: $(shell find src -name '*.[ch]') $(shell find js -name '*.ts') $(wildcard tools/gen/*.mjs) tools/manual.mjs
	@echo "manual"; node tools/manual.mjs

# ---- the manual of tensorine/vis, whose examples draw
web/vis/index.html: $(wildcard js/vis/*.ts) tools/vis_page.mjs
	@echo "manual of tensorine/vis"; node tools/vis_page.mjs

# ---- the digits of web/mnist, as a sheet of pictures and their labels
web/mnist/digits.png: tools/digits.mjs demo/digits.mjs
	@echo "digits: $$(node tools/digits.mjs)"

# ---- the same without its types, for a look in between
quick: build/core.mjs build/plugin.wasm web/vis/index.html web/mnist/digits.png
	@node tools/build.mjs quick

# ---- the core: one module for every host, shared memory and atomics, WebGL2
WASM_OBJ := $(SRC:%.c=build/wasm/%.o) build/wasm/cJSON.o
# Kernels for speed; ops without unrolling, which costs size and measures no faster; for size what has
# no loops over data.
SPEED = $(if $(filter src/backend/cpu/%,$<),-O3,$(if $(filter $(COLD),$<),-Oz,-O2 -fno-unroll-loops))
LOOPS = src/training/crossentropy.c src/training/metrics.c src/training/optimizers.c src/training/confusion.c
MADE_OF_OPS = $(addprefix src/ops/,complex.c einsum.c linalg.c losses.c signal.c stats.c)
COLD = src/nn/% src/io/% src/backend/webgl/% src/graph_model/% src/base/json.c src/base/names.c src/base/arena.c build/gen/% $(CJSON)/% $(MADE_OF_OPS) \
  $(filter-out $(LOOPS),$(wildcard src/training/*.c))
# EXTRA: more flags, -g2 say, for names of functions in stack traces.
WASM_C = $(SPEED) -msimd128 -sWASM_WORKERS=1 -sSTRICT=1 $(EXTRA)
# Memory is imported and grows to 4 GB; exports keep their names and are not listed in the glue
# (-lexports.js, EXPORT_KEEPALIVE=0); "web,worker" alone gives glue that is synchronous in Node too.
WASM_LINK = -O3 --no-entry -sSTRICT=1 -sWASM_WORKERS=1 -sIMPORTED_MEMORY -sALLOW_MEMORY_GROWTH \
  -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=1MB -Wl,--stack-first -sMODULARIZE -sEXPORT_ES6 -sUSE_ES6_IMPORT_META=0 \
  -sWASM_ASYNC_COMPILATION=0 -sENVIRONMENT=web,worker -sDYNAMIC_EXECUTION=0 -sFILESYSTEM=0 \
  -sALLOW_TABLE_GROWTH -Wl,--export-table -lexports.js -sEXPORT_KEEPALIVE=0 \
  -sINCOMING_MODULE_JS_API=instantiateWasm,wasmMemory \
  -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2 -sGL_ENABLE_GET_PROC_ADDRESS=0 -sGL_TRACK_ERRORS=0 \
  -lGL -lwebgl.js -lwebgl2.js -lhtml5.js $(LIBS:%=--js-library %) --extern-pre-js tools/glue.js $(EXTRA)

build/core.mjs: $(WASM_OBJ) $(LIBS) tools/rules.mk tools/glue.js
	@echo "link $@ ($(words $(WASM_OBJ)) files)"
	@$(EMCC) $(WASM_LINK) $(WASM_OBJ) -o $@
build/wasm/%.o: %.c tools/rules.mk
	@mkdir -p $(@D); echo "wasm $<"; $(EMCC) $(WASM_C) $(WARN) $(COMMON) -c $< -o $@
build/wasm/cJSON.o: $(CJSON)/cJSON.c tools/rules.mk
	@mkdir -p $(@D); $(EMCC) $(WASM_C) $(COMMON) -c $< -o $@

# ---- the plug-in: the hot kernels again with relaxed SIMD; no data; the core's memory and table
PLUGIN_LINK = $(LLVM_BIN)/wasm-ld --no-entry --import-memory --shared-memory --max-memory=4294967296 \
  --import-table --export-if-defined=__stack_pointer --strip-all
PLUGIN_OBJ := $(patsubst %.c,build/plugin/%.o,src/backend/cpu/kernels.c $(wildcard src/backend/plugin/*.c))
PLUGIN_C = --target=wasm32 -O3 -msimd128 -mrelaxed-simd -matomics -mbulk-memory -ffreestanding -DTN_PLUGIN
%/plugin.wasm: %/core.mjs $(PLUGIN_OBJ) tools/wasm.mjs
	@$(PLUGIN_LINK) --table-base=$$(node tools/wasm.mjs table $*/core.wasm) $(PLUGIN_OBJ) -o $@
	@node tools/wasm.mjs plugin $@
build/plugin/%.o: %.c tools/rules.mk
	@mkdir -p $(@D); echo "plug-in $<"; $(LLVM_BIN)/clang $(PLUGIN_C) $(WARN) $(COMMON) -c $< -o $@

# ---- a small core for the tests of the host and of threads: those sources and a probe
PROBE_OBJ := $(patsubst %.c,build/wasm/%.o,src/base/threads.c src/base/alea.c src/binding/wasm_host.c src/backend/cpu/kernels.c $(wildcard tests/wasm/*.c))
probe: build/probe/core.mjs build/probe/plugin.wasm
build/probe/core.mjs: $(PROBE_OBJ) $(LIBS) tools/rules.mk tools/glue.js
	@mkdir -p $(@D); echo "link $@"; $(EMCC) $(WASM_LINK) $(PROBE_OBJ) -o $@

# ---- native: build/native/<compiler>-<sanitizers>, OPT and SAN say how
CC = gcc
OPT = -O2
PREFIX = /usr/local
NATIVE = build/native/$(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
comma = ,
NATIVE_SRC := $(filter-out src/backend/webgl/%,$(SRC))
NATIVE_OBJ := $(NATIVE_SRC:%.c=$(NATIVE)/%.o) $(NATIVE)/cJSON.o
NATIVE_TESTS := $(patsubst tests/native/%.c,$(NATIVE)/%,$(wildcard tests/native/test_*.c))
TESTED = libinside.a
SAN_C = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer -g)

native: $(NATIVE)/libtensorine.a
native-tests: $(NATIVE_TESTS)
# What programs link: one object, whose only global names are tn_*. Tests see the inside.
$(NATIVE)/libtensorine.a: $(NATIVE_OBJ)
	@rm -f $@; $(CC) -r -nostdlib $^ -o $(NATIVE)/tensorine.o
	@objcopy --wildcard --keep-global-symbol='tn_*' $(NATIVE)/tensorine.o && ar rcs $@ $(NATIVE)/tensorine.o
	@echo "library $@"
$(NATIVE)/libinside.a: $(NATIVE_OBJ)
	@rm -f $@; ar rcs $@ $^
# The same to be loaded, for which OPT says -fPIC: tools/mutate.mjs exchanges it under tests that stay.
$(NATIVE)/libinside.so: $(NATIVE_OBJ)
	@$(CC) $(SAN_C) -shared -pthread $^ -o $@

# ---- installed: headers, the library, a pkg-config file (PREFIX, DESTDIR)
HEADERS = $(wildcard src/include/*.h) build/gen/ops.gen.h
install: native
	@install -d $(DESTDIR)$(PREFIX)/include/tensorine $(DESTDIR)$(PREFIX)/lib/pkgconfig
	@install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include/tensorine
	@install -m 644 $(NATIVE)/libtensorine.a $(DESTDIR)$(PREFIX)/lib
	@sed -e "s|@PREFIX@|$(PREFIX)|" -e "s|@VERSION@|$$(node -p "require('./package.json').version")|" \
	  tools/tensorine.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/tensorine.pc
	@echo "installed in $(DESTDIR)$(PREFIX)"
$(NATIVE)/%.o: %.c tools/rules.mk
	@mkdir -p $(@D); echo "$(notdir $(CC)) $<"; $(CC) $(OPT) $(SAN_C) $(WARN) $(COMMON) -pthread -c $< -o $@
$(NATIVE)/cJSON.o: $(CJSON)/cJSON.c tools/rules.mk
	@mkdir -p $(@D); $(CC) $(OPT) $(SAN_C) $(COMMON) -c $< -o $@
$(NATIVE)/test_%: $(NATIVE)/tests/native/test_%.o $(NATIVE)/tests/native/filter.o $(NATIVE)/$(TESTED)
	@$(CC) $(SAN_C) -pthread $^ -lcmocka -lm -o $@

# ---- the GPU's sources natively, headless by EGL and OpenGL ES 3 (Mesa), for their tests alone
GL_OBJ := $(patsubst %.c,$(NATIVE)/%.o,$(filter-out %/web_context.c,$(wildcard src/backend/webgl/*.c)) \
  tests/gl/context.c tests/gl/gl_check.c tests/native/filter.c)
$(NATIVE)/test_gl_%: $(NATIVE)/tests/gl/test_gl_%.o $(GL_OBJ) $(NATIVE)/libinside.a
	@$(CC) $(SAN_C) -pthread $^ -lcmocka -lEGL -lGLESv2 -lm -o $@

# ---- fuzzers: clang with SAN=fuzzer-no-link,address,undefined
FUZZERS := $(patsubst tests/fuzz/%.c,$(NATIVE)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzzers: $(FUZZERS)
$(NATIVE)/fuzz_%: $(NATIVE)/tests/fuzz/fuzz_%.o $(NATIVE)/libinside.a
	@$(CC) $(SAN_C) -fsanitize=fuzzer -pthread $^ -lm -o $@

.PRECIOUS: $(NATIVE)/%.o
-include $(WASM_OBJ:.o=.d) $(PROBE_OBJ:.o=.d) $(GL_OBJ:.o=.d) $(wildcard $(NATIVE)/tests/gl/*.d) $(PLUGIN_OBJ:.o=.d) $(NATIVE_OBJ:.o=.d) $(NATIVE_TESTS:$(NATIVE)/%=$(NATIVE)/tests/native/%.d) $(FUZZERS:$(NATIVE)/%=$(NATIVE)/tests/fuzz/%.d)
