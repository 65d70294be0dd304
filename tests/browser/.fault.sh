set -e
cd /work/w-weak
export CJSON=$(tools/toolchain.sh cjson) EMCC=$(tools/toolchain.sh) LLVM_BIN=$(tools/toolchain.sh llvm)
