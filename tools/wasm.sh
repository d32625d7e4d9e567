#!/bin/bash
# Builds the page that runs astrom3 in a browser: tools/wasm.sh COMMAND
#
# Compiles the command, as far as light curves need it, for WebAssembly, and puts it into build/wasm/try, with the page, the
# bundled checkpoint, and the example stars as COMMAND, the command of this machine, embeds them. The compiler is the ziglang
# wheel's, fmt, nlohmann-json and CLI11 are headers of Debian's packages. Gzip is undone by the page; Zstandard, Parquet, ONNX and
# downloads are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

command=${1:-build/release/bin/astrom3}
[[ -x $command ]] || { echo "wasm: $command is needed: make build" >&2; exit 1; }
zig=$(echo "$PWD"/.venv-macos/lib/python3*/site-packages/ziglang)
[[ -x $zig/zig ]] || { echo "wasm: the ziglang wheel is needed: tools/setup.sh wasm" >&2; exit 1; }
. tools/zig_headers.sh
build=$PWD/build/wasm tools=$PWD/build/wasm/tools
export ZIG_GLOBAL_CACHE_DIR=$PWD/build/wasm-zig ZIG_LOCAL_CACHE_DIR=$PWD/build/wasm-zig

tools/wasm_runtime.sh "$zig" "$tools"
header_libraries "$tools"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
  -DASTROM3_TOGETHER=100 -DASTROM3_PRECOMPILE=ON -DASTROM3_CCACHE= -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/wasm32-zig.cmake" \
  -DASTROM3_WASM_TOOLS="$tools" -DASTROM3_BUILD_TESTS=OFF -DASTROM3_WITH_PARQUET=OFF -DASTROM3_WITH_ZSTD=OFF \
  -DASTROM3_WITH_ONNX=OFF -DASTROM3_WITH_HUB=OFF > "$build.log" || { cat "$build.log" >&2; exit 1; }
cmake --build "$build" --target astrom3_cli -j 2
"$tools/c++" -std=c++20 -O2 -msimd128 -ffp-contract=off -Isrc -c tests/kernels/simd128_fma.cpp -o "$build/simd128_fma.o"
"$tools/c++" "$build/simd128_fma.o" -o "$build/bin/simd128_fma"  # a test, which ctest runs where it has node

page=$build/try examples=examples/asassn_like
rm -rf "$page"
mkdir -p "$page"/{model,examples}
cp apps/try_page/*.{html,css,js} docs/assets/favicon.svg "$page"
cp "$build/bin/astrom3" "$page/astrom3.wasm"
cp models/vstars4/*.{json,safetensors} "$page/model"
cp "$examples"/*.dat "$page/examples"
cp "$examples/catalog.csv" "$page/examples/classes.csv"
"$command" embed "$examples"/*.dat --band V -q -o "$page/examples/embeddings.csv"
python3 - "$page" <<'LIST'
import json
import pathlib
import sys

page = pathlib.Path(sys.argv[1])
# What the page loads, and under which path the program finds it.
places = {"astrom3.wasm": None}
places |= {f"model/{file.name}": f"/share/astrom3/models/vstars4/{file.name}" for file in sorted((page / "model").iterdir())}
places |= {f"examples/{name}": f"/examples/{name}" for name in ("embeddings.csv", "classes.csv")}
files = [{"address": address, "bytes": (page / address).stat().st_size} | ({"path": path} if path else {}) for address, path in places.items()]
(page / "files.json").write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")
LIST
echo "wasm: $page/index.html ($(du -sh "$page" | cut -f1)); see it with: python3 -m http.server --directory ${page#"$PWD/"}"
