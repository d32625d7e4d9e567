#!/bin/bash
# Installs what is missing for a purpose and nothing else: tools/setup.sh build|test|docs|bench|sanitize|tidy
#
# On Debian and its relatives the packages come from apt: as root they are installed, otherwise the exact line
# is printed and the script stops. On other systems it says what is needed and goes on. Python wheels go into
# .venv, pinned by tools/constraints.txt (the rivals of `make bench` into .venv-bench, what builds the documentation
# into .venv-docs). A repeat asks dpkg once, downloads nothing and takes well under a second.
# SETUP=skip leaves all of that to you.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-test}
packages=(g++ cmake ninja-build pkg-config ccache ca-certificates zlib1g-dev libzstd-dev libssl-dev libfmt-dev
          nlohmann-json3-dev libcli11-dev libgtest-dev libonnx-dev libprotobuf-dev libcurl4-openssl-dev
          python3 python3-venv)
wanted=()  # tests that need these are skipped where a system does not have them
case $purpose in
  build|docs) ;;
  test) packages+=(clang-format-14); wanted+=(chromium) ;;
  bench) packages+=(libbenchmark-dev python3-torch libopenblas0-pthread) ;;
  sanitize) packages+=(clang libclang-rt-14-dev) ;;
  tidy) packages+=(clang clang-tidy-14) ;;
  *) echo "setup: unknown purpose '$purpose' (build, test, docs, bench, sanitize, tidy)" >&2; exit 2 ;;
esac

[[ ${SETUP:-} == skip ]] && exit 0

missing_packages() {
  local installed
  # dpkg-query fails when it does not know a package; what it prints of the others still counts.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qx -- "$package installed" <<< "$installed" || echo "$package"
  done
}

install_packages() {
  local -a missing wished=()
  local refused=build/setup.refused  # a package that is not to be had is asked for once
  mapfile -t missing < <(missing_packages "${packages[@]}")
  if (( EUID == 0 && ${#wanted[@]} )) && [[ ! -e $refused ]]; then
    mapfile -t wished < <(missing_packages "${wanted[@]}")
  fi
  (( ${#missing[@]} + ${#wished[@]} )) || return 0
  if (( EUID != 0 )); then
    echo "setup: these packages are missing; install them and run make again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing" "${missing[@]}" "${wished[@]}"
  export DEBIAN_FRONTEND=noninteractive
  local wait=(-o DPkg::Lock::Timeout=120 -o Acquire::Retries=3)
  local log=build/setup.log
  mkdir -p build
  apt-get "${wait[@]}" -qq update > "$log" 2>&1 \
    || { cat "$log" >&2; echo "setup: apt-get update failed, trying with the lists at hand" >&2; }
  local install=(apt-get "${wait[@]}" -qq install -y --no-install-recommends)
  (( ! ${#missing[@]} )) || "${install[@]}" "${missing[@]}" > "$log" 2>&1 \
    || { cat "$log" >&2; echo "setup: apt-get install failed" >&2; exit 1; }
  (( ! ${#wished[@]} )) || "${install[@]}" "${wished[@]}" >> "$log" 2>&1 \
    || { echo "setup: no ${wished[*]} to be had; tests that need it will be skipped" >&2; touch "$refused"; }
}

# The system's python where it will do: one from pyenv or conda may vanish from PATH and break .venv.
usable_python() {
  local candidate
  for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
      && { echo "$candidate"; return; }
  done
  echo "setup: no Python 3.11 or later with venv was found" >&2
  return 1
}

# A folder that holds exactly the wheels of a constraints file; a stamp with the file's hash makes a repeat free.
make_venv() {
  local folder=$1 constraints=$2 stamp=$1/astrom3.stamp hash
  [[ -f $constraints ]] || return 0
  hash=$(sha256sum < "$constraints")
  [[ -x $folder/bin/python && -f $stamp && $(< "$stamp") == "$hash" ]] && return 0
  echo "setup: making $folder with $(grep -v '^ *\(#\|$\)' "$constraints" | tr '\n' ' ')"
  local python
  python=$(usable_python)
  rm -rf "$folder"
  "$python" -m venv "$folder"
  "$folder"/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$constraints"
  echo "$hash" > "$stamp"
}

if command -v dpkg-query > /dev/null && command -v apt-get > /dev/null; then
  install_packages
else
  echo "setup: not a Debian-like system; needed (under their Debian names): ${packages[*]}" >&2
fi
make_venv .venv tools/constraints.txt
[[ $purpose != docs && $purpose != test ]] || make_venv .venv-docs tools/constraints-docs.txt
[[ $purpose != bench ]] || make_venv .venv-bench tools/constraints-bench.txt
