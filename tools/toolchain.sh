#!/usr/bin/env bash
# Makes the tools this project is built with available and prints the path of a usable emcc.
# Progress goes to stderr, the path to stdout. A second run finds everything in place and only prints.
#   tools/toolchain.sh         what a build needs        tools/toolchain.sh cjson   the folder of cJSON.c
#   tools/toolchain.sh test    and what the tests need   tools/toolchain.sh llvm    the folder of clang, wasm-ld
#   tools/toolchain.sh node    Node and npm alone        tools/toolchain.sh browser the path of Chromium
set -euo pipefail

WANT=3.1.60        # older ones have no final relaxed-SIMD opcodes
NODE_WANT=18.17    # the oldest with the test reporters we read
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/tensorine
TEST_PACKAGES=(gcc clang-19 clang-tidy-19 libclang-rt-19-dev pkgconf libcmocka-dev libegl-dev libgles-dev libgl1-mesa-dri)

say() { printf '%s\n' "toolchain: $*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" = "$1" ]; }

# The release, and the release of the same family whose emscripten package is recent enough.
read_release() {
    ID='' ID_LIKE='' VERSION_CODENAME='' VERSION_ID=''
    [ -r /etc/os-release ] && . /etc/os-release
    case " $ID $ID_LIKE " in
    *" ubuntu "*) FAMILY=ubuntu KEYRING=/usr/share/keyrings/ubuntu-archive-keyring.gpg
        CODENAME=${UBUNTU_CODENAME:-$VERSION_CODENAME} RECENT=resolute COMPONENTS='main universe' ;;
    *" debian "*) FAMILY=debian KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
        CODENAME=${DEBIAN_CODENAME:-$VERSION_CODENAME} RECENT=trixie COMPONENTS=main ;;
    *) FAMILY='' ;;
    esac
    have apt-get && have dpkg-deb || FAMILY=''
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif ! have sudo; then return 1
    elif [ -t 0 ] && [ -z "${CI:-}" ]; then sudo "$@"
    else sudo -n "$@"
    fi
}

# A folder beside the final one, so that the finished work is renamed into place; gone at exit.
work_folder() {
    mkdir -p "$CACHE"
    tmp=$(mktemp -d "$CACHE/unpack.XXXXXX")
    trap 'rm -rf "$tmp"' EXIT
}

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

# apt_get ARGUMENT...: as root, without questions; its output is shown only when it fails.
apt_get() {
    local log
    log=$(mktemp)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" \
        >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; rm -f "$log"; return 1; }
    rm -f "$log"
}

# install PACKAGE...: those that are missing, from the machine's own sources.
install() {
    local missing=() p
    for p in "$@"; do installed "$p" || missing+=("$p"); done
    [ ${#missing[@]} = 0 ] && return 0
    [ -n "$FAMILY" ] || fail "please install: ${missing[*]}"
    say "installing ${missing[*]}"
    apt-cache show "${missing[@]}" >/dev/null 2>&1 || apt_get update || true
    apt_get install -y --no-install-recommends "${missing[@]}" ||
        { say "once more, with fresh lists"; apt_get update &&
            apt_get install -y --no-install-recommends "${missing[@]}"; } ||
        fail "cannot install them; as root run: apt-get update && apt-get install ${missing[*]}"
}

# need COMMAND PACKAGE [COMMAND PACKAGE...]: packages of the commands that are missing.
need() {
    local packages=()
    while [ $# -gt 0 ]; do have "$1" || packages+=("$2"); shift 2; done
    [ ${#packages[@]} = 0 ] || install "${packages[@]}"
}

need_node() {
    need node nodejs npm npm
    at_least "$NODE_WANT" "$(node -p process.versions.node)" ||
        fail "node $(node -v) is too old; install Node $NODE_WANT or newer (https://nodejs.org)"
}

# Address of the machine's own mirror, whatever form its sources are written in.
mirror() {
    local format='$(ORIGIN)|$(RELEASE)|$(REPO_URI)'
    apt-get indextargets --format "$format" 2>/dev/null |
        awk -F'|' -v rel="$CODENAME" 'tolower($1) ~ /^(debian|ubuntu)$/ && $2 == rel { print $3; exit }'
}

# apt_private DIR RELEASE: a throw-away apt configuration in DIR for that release; sets APT.
apt_private() {
    local dir=$1 uri kind suite
    uri=$(mirror)
    if [ -z "$uri" ]; then apt_get update || true; uri=$(mirror); fi
    [ -n "$uri" ] || fail "no mirror of $CODENAME found in the apt sources; put emcc >= $WANT on PATH"
    mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/parts"
    for kind in deb deb-src; do
        for suite in "$2" "$2-updates"; do echo "$kind [signed-by=$KEYRING] $uri $suite $COMPONENTS"; done
    done >"$dir/sources.list"
    APT=(apt-get -qq -o "Dir::Etc::sourcelist=$dir/sources.list" -o "Dir::Etc::sourceparts=$dir/parts"
        -o Dir::Etc::preferences=/dev/null -o "Dir::Etc::preferencesparts=$dir/parts"
        -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir" -o APT::Sandbox::User=
        -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Get::List-Cleanup=0)
    "${APT[@]}" update >&2
}

own_emscripten() {
    [ -n "$FAMILY" ] || return 0
    apt-cache policy emscripten 2>/dev/null | awk '$1 == "Candidate:" { print $2 }' | grep -v none || true
}

# Unpacks the recent release's emscripten into a folder of its own; binaryen runs on the libc that
# comes with it, LLVM 19 is the machine's own.
make_private() {
    local to=$1 loader libs tool
    install clang-19 lld-19 llvm-19 python3
    work_folder
    say "fetching emscripten (240 MB; once)"
    apt_private "$tmp/apt" "$RECENT"
    (cd "$tmp/apt" && "${APT[@]}" download emscripten binaryen libc6 libstdc++6 libgcc-s1 node-acorn >&2)
    say "unpacking emscripten (1.7 GB)"
    for tool in "$tmp"/apt/*.deb; do dpkg-deb -x "$tool" "$tmp/root"; done
    rm -rf "$tmp/apt"
    ln -s ../nodejs "$tmp/root/usr/share/emscripten/node_modules"
    mkdir -p "$tmp/bin" "$tmp/tools/bin"
    loader=$(cd "$tmp/root" && find . -name 'ld-linux-*.so.*' -path '*/lib/*-gnu/*' -print -quit)
    libs=$(cd "$tmp/root" && find . -name libc.so.6 -printf '%h\n' -quit)
    [ -n "$loader" ] && [ -n "$libs" ] || fail "the libc package holds no loader"
    for tool in "$tmp"/root/usr/bin/wasm*; do
        tool=$(basename "$tool")
        printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
            "$to/root/${loader#./}" "$to/root/${libs#./}" "$to/root/usr/bin/$tool" >"$tmp/tools/bin/$tool"
    done
    cat >"$tmp/config" <<-CONFIG
		import shutil
		LLVM_ROOT = '/usr/lib/llvm-19/bin'
		BINARYEN_ROOT = '$to/tools'
		NODE_JS = shutil.which('node') or shutil.which('nodejs')
		CACHE = '$to/root/usr/share/emscripten/cache'
		FROZEN_CACHE = False
	CONFIG
    printf '#!/bin/sh\nEM_CONFIG="%s" exec python3 "%s" "$@"\n' \
        "$to/config" "$to/root/usr/share/emscripten/emcc.py" >"$tmp/bin/emcc"
    chmod -R a+rX "$tmp"
    chmod +x "$tmp"/bin/* "$tmp"/tools/bin/*
    mv -T "$tmp" "$to" 2>/dev/null || [ -x "$to/bin/emcc" ]
}

emcc_version() { "$1" --version 2>/dev/null | sed -n '1s/.* \([0-9][0-9.]*\).*/\1/p'; }

find_emcc() {
    local private=$CACHE/emscripten
    if have emcc && at_least "$WANT" "$(emcc_version emcc)"; then command -v emcc; return; fi
    if [ ! -x "$private/bin/emcc" ]; then
        [ -n "$FAMILY" ] || fail "please install Emscripten >= $WANT (https://emscripten.org) and put emcc on PATH"
        if at_least "$WANT" "$(own_emscripten)"; then
            install emscripten
            have emcc && { command -v emcc; return; }
        fi
        make_private "$private"
        say "emscripten $(emcc_version "$private/bin/emcc") is ready in $private"
    fi
    echo "$private/bin/emcc"
}

# cJSON's source, with the distribution's patches, from its source package.
find_cjson() {
    local to=${CJSON_DIR:-$CACHE/cjson}
    if [ ! -r "$to/cJSON.c" ]; then
        [ -z "${CJSON_DIR:-}" ] && [ -n "$FAMILY" ] ||
            fail "please set CJSON_DIR to a folder that holds cJSON.c and cJSON.h"
        need dpkg-source dpkg-dev
        work_folder
        say "fetching the source of cJSON"
        apt_private "$tmp" "$CODENAME"
        (cd "$tmp" && "${APT[@]}" source --download-only cjson >&2 &&
            dpkg-source --no-check -x cjson_*.dsc source >/dev/null 2>&1) ||
            fail "cannot fetch it; set CJSON_DIR to a folder that holds cJSON.c"
        mkdir "$tmp/cjson"
        cp "$tmp"/source/{cJSON.c,cJSON.h,LICENSE} "$tmp/cjson"
        chmod -R a+rX "$tmp/cjson"
        mv -T "$tmp/cjson" "$to" 2>/dev/null || [ -r "$to/cJSON.c" ]
    fi
    echo "$to"
}

find_llvm() {
    local dir emcc=$1
    for dir in /usr/lib/llvm-19/bin "$(dirname "$emcc")/../bin" "$(dirname "$emcc")"; do
        [ -x "$dir/wasm-ld" ] && [ -x "$dir/clang" ] && { echo "$dir"; return; }
    done
    dir=$(dirname "$(EM_CONFIG='' "$emcc" -v -E -x c /dev/null 2>&1 | grep -o '/[^ "]*/clang' | head -n1)")
    [ -x "$dir/wasm-ld" ] && { echo "$dir"; return; }
    fail "clang and wasm-ld of LLVM >= 19 not found beside $emcc"
}

# Path of a Chromium: of the machine, or the one that Playwright has fetched.
find_browser() {
    local c
    for c in "${CHROME_PATH:-}" chromium google-chrome google-chrome-stable; do
        [ -n "$c" ] && have "$c" && { command -v "$c"; return; }
    done
    c=$(node -p 'require("playwright-core").chromium.executablePath()' 2>/dev/null) && [ -x "$c" ] && echo "$c"
}

# Ubuntu has Chromium only as a snap, which containers and headless machines cannot run.
get_browser() {
    if [ "$FAMILY" = debian ]; then install chromium; return; fi
    say "fetching Chromium by Playwright"
    [ "$FAMILY" != ubuntu ] || as_root env "PATH=$PATH" node node_modules/playwright-core/cli.js install-deps chromium >&2 || true
    node node_modules/playwright-core/cli.js install --no-shell chromium >&2 ||
        say "no Chromium, the browser tests will fail; install one and set CHROME_PATH"
}

read_release
case ${1:-build} in
build) need_node; need make make; find_emcc ;;
browser) find_browser || fail "no Chromium found; set CHROME_PATH" ;;
node) need_node ;;
cjson) find_cjson ;;
llvm) emcc=$(find_emcc) && find_llvm "$emcc" ;;
test)
    need_node; need make make
    install "${TEST_PACKAGES[@]}"
    find_browser >/dev/null || get_browser
    find_emcc ;;
*) fail "unknown: $1 (build, test, node, cjson, llvm, browser)" ;;
esac
