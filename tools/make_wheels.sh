#!/bin/bash
# Makes the source distribution and the wheel of this machine's kind in build/wheels, and tries the wheel:
# tools/make_wheels.sh [PYTHON...]
#
# The wheel is built from the source distribution, in an environment of its own. auditwheel puts into it the libraries that not
# every Linux has (OpenSSL), and names it by the oldest glibc that it runs with, which is that of the compiler's system at most:
# on Debian 12 that is glibc 2.35 (manylinux_2_35); cibuildwheel makes one of manylinux_2_28 in a container. libcurl stays the
# system's: it is loaded for downloads alone. Each PYTHON (default: python3) gets an empty environment, in which the wheel
# embeds an example.
set -euo pipefail
cd "$(dirname "$0")/.."

out=build/wheels
env=$out/env

rm -rf "$out"
mkdir -p "$out/raw"
python3 -m venv "$env"
"$env/bin/python" -m pip install -q --disable-pip-version-check -r tools/constraints-wheels.txt
export PATH="$PWD/$env/bin:$PATH"

# c++: as CMake chooses, so that a compiler cache knows what the build has compiled.
export CXX=${CXX:-c++} CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
TIMEFORMAT="wheels: built in %R s, %U + %S s of CPU"
time "$env/bin/python" -m build --outdir "$out/raw" . > "$out/build.log" 2>&1 || { tail -n 40 "$out/build.log" >&2; exit 1; }
mv "$out"/raw/*.tar.gz "$out"
"$env/bin/auditwheel" show "$out"/raw/*.whl
"$env/bin/auditwheel" repair --exclude libcurl.so.4 -w "$out" "$out"/raw/*.whl > "$out/repair.log" 2>&1 \
  || { cat "$out/repair.log" >&2; exit 1; }

(( $# )) || set -- python3
for python in "$@"; do
  tools/try_wheel.sh "$python" "$out"/*.whl
done
