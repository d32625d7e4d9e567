#!/bin/bash
# Compiles and links the library, the command and the C interface for macOS, on Linux: tools/macos.sh [CPU...]
#
# CPU is aarch64 (Apple silicon) or x86_64; both where none is named. What comes out is checked for its kind, for the
# libraries that it names and for the symbols that it exports; it cannot be run here. The compiler and the headers of the
# system are those of the ziglang wheel; fmt, nlohmann-json and CLI11 are headers of Debian's packages. zlib is part of macOS
# and not of the wheel: a list of the symbols that are used stands for it. SHA-256 is the system's. Zstandard, Parquet, ONNX and
# downloads are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

zig=$(echo "$PWD"/.venv-macos/lib/python3*/site-packages/ziglang)
[[ -x $zig/zig ]] || { echo "macos: the ziglang wheel is needed: tools/setup.sh macos" >&2; exit 1; }
(( $# )) || set -- aarch64 x86_64

say() { echo "macos: $*"; }
. tools/zig_headers.sh

# The programs and libraries that cmake/macos-zig.cmake names.
make_tools() {
  local tools=$1 cpu=$2 header program
  mkdir -p "$tools"/{zlib,lib}
  printf '#!/bin/sh\nexec "%s/zig" c++ -target %s-macos "$@"\n' "$zig" "$cpu" > "$tools/c++"
  for program in ar ranlib; do printf '#!/bin/sh\nexec "%s/zig" %s "$@"\n' "$zig" "$program" > "$tools/$program"; done
  chmod +x "$tools"/{c++,ar,ranlib}
  for header in zlib.h zconf.h; do ln -sfn "$zig/lib/libc/include/any-darwin-any/$header" "$tools/zlib/$header"; done
  cat > "$tools/lib/libz.tbd" <<'STUB'
--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '/usr/lib/libz.1.dylib'
current-version: 1.2.12
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ _inflate, _inflateEnd, _inflateInit2_, _inflateReset ]
...
STUB
  header_libraries "$tools"
}

for cpu in "$@"; do
  build=$PWD/build/macos-$cpu
  export ZIG_GLOBAL_CACHE_DIR=$PWD/build/macos-zig ZIG_LOCAL_CACHE_DIR=$PWD/build/macos-zig
  make_tools "$build/tools" "$cpu"
  # Nothing is run, so that nothing is optimised, which takes half the time; zig's own checks of a debug build need its runtime.
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O0 -DNDEBUG -fno-sanitize=all" \
    -DASTROM3_KERNEL_OPTIMISATION=-O0 -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/macos-zig.cmake" \
    -DASTROM3_MACOS_CPU="$cpu" -DASTROM3_MACOS_TOOLS="$build/tools" -DASTROM3_PRECOMPILE=OFF -DASTROM3_CCACHE= \
    -DASTROM3_BUILD_TESTS=OFF -DASTROM3_WITH_PARQUET=OFF -DASTROM3_WITH_ZSTD=OFF -DASTROM3_WITH_ONNX=OFF \
    -DASTROM3_WITH_HUB=OFF > "$build.log" || { cat "$build.log" >&2; exit 1; }
  sed -n 's/^-- \(without\|instruction\)/macos: \1/p' "$build.log"
  cmake --build "$build" --target product -- -k 0
  python3 tools/check_macho.py "$cpu" "$build/bin/astrom3" "$build"/lib/libastrom3_c.dylib
  say "$cpu: links"
done
