#!/bin/bash
# Installs what is missing for a purpose and nothing else: tools/setup.sh build|test|docs|bench|cluster|sanitize|tidy|arm64|macos|wasm
#
# On Debian and its relatives the packages come from apt: as root they are installed, otherwise the exact line is printed
# and the script stops. On other systems it says what is needed and goes on. Python wheels go into .venv, pinned by
# tools/constraints.txt (the rivals of `make bench` into .venv-bench, what builds the documentation into .venv-docs,
# Spark, Ray and vector databases into .venv-cluster, clang-tidy into .venv-tidy, zig into .venv-macos, for WebAssembly, too). It says what it is going to do before it begins. A repeat asks dpkg once, downloads nothing
# and takes well under a second. SETUP=skip leaves all of that to you.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-test}
needed=(g++ cmake ninja-build pkg-config ca-certificates zlib1g-dev libssl-dev libfmt-dev nlohmann-json3-dev
        libcli11-dev libgtest-dev python3 python3-venv)
# The build and the tests go on without these: CMake and the tests concerned say what is left out.
optional=(libzstd-dev libonnx-dev libprotobuf-dev libcurl4-openssl-dev)
# A compiler cache is for those who build again and again; without one cmake/flags.cmake makes a first build quick.
wheels=(pyarrow)  # of tools/constraints.txt; all: every line of it
case $purpose in
  build) ;;
  docs) wheels=(all) ;;
  test) needed+=(ccache); optional+=(chromium); wheels=(all) ;;
  cluster) needed+=(ccache); optional+=(default-jre-headless); wheels=(all) ;;
  bench) needed+=(ccache libbenchmark-dev); wheels=(all) ;;
  sanitize) needed+=(ccache clang libclang-rt-dev); wheels=(all) ;;
  tidy) needed+=(clang) ;;
  arm64)  # cross-compiled: the libraries are aarch64's
    needed=(g++-aarch64-linux-gnu qemu-user-static cmake ninja-build pkg-config ca-certificates python3 python3-venv
            nlohmann-json3-dev libcli11-dev {zlib1g,libssl,libfmt,libgtest,libzstd}-dev:arm64)
    optional=() ;;
  macos) needed=(cmake ninja-build python3 python3-venv libfmt-dev nlohmann-json3-dev libcli11-dev); optional=() ;;
  wasm) needed=(cmake ninja-build python3 python3-venv libfmt-dev nlohmann-json3-dev libcli11-dev); optional=(chromium nodejs) ;;
  *) echo "setup: unknown purpose '$purpose' (build, test, docs, bench, cluster, sanitize, tidy, arm64, macos, wasm)" >&2; exit 2 ;;
esac

foreign=
[[ $purpose != arm64 ]] || foreign=arm64

[[ ${SETUP:-} == skip ]] && exit 0

say() { echo "setup: $*" >&2; }

missing_packages() {
  local installed native
  native=$(dpkg --print-architecture)
  # dpkg-query fails when it does not know a package; what it prints of the others still counts.
  installed=$(dpkg-query -W -f '${Package}:${Architecture} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    if [[ $package != *:* ]]; then
      grep -qEx -- "${package//+/\\+}:($native|all) installed" <<< "$installed" || echo "$package"
    else
      grep -qx -- "$package installed" <<< "$installed" || echo "$package"
    fi
  done
}

# Runs a command with its output in a file, and says on a terminal what it is at: with_progress LABEL LOG COMMAND...
with_progress() {
  local label=$1 log=$2 code=0 start=$SECONDS job
  shift 2
  mkdir -p "${log%/*}"
  "$@" > "$log" 2>&1 < /dev/null &
  job=$!
  if [[ -t 2 ]]; then
    while kill -0 "$job" 2> /dev/null; do
      printf '\r\e[Ksetup: %s, %d s: %.60s' "$label" $((SECONDS - start)) "$(tail -n 1 "$log" | tr -dc '[:print:]')" >&2
      sleep 1
    done
    printf '\r\e[K' >&2
  fi
  wait "$job" || code=$?
  (( code )) && return "$code"
  say "$label: done in $((SECONDS - start)) s"
}

apt_get() { apt-get -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -q "$@"; }

install_needed() {
  local log=build/setup.log
  with_progress "apt-get update" "$log" apt_get update \
    || { cat "$log" >&2; say "apt-get update failed, trying with the lists at hand"; }
  (( ! ${#missing[@]} )) && return
  with_progress "apt-get install" "$log" apt_get install -y --no-install-recommends "${missing[@]}" \
    || { tail -n 30 "$log" >&2; say "apt-get install failed; all of its output is in $log"; exit 1; }
}

# One by one: a package that a system does not have must not keep the others away.
install_optional() {
  local package
  for package in "${wished[@]}"; do
    with_progress "apt-get install $package" build/setup.optional.log apt_get install -y --no-install-recommends "$package" \
      || { say "no $package to be had here: what needs it is left out"; echo "$package" >> "$refused"; }
  done
}

install_packages() {
  local -a missing wished
  local refused=build/setup.refused package  # what was not to be had is asked for once
  mapfile -t missing < <(missing_packages "${needed[@]}")
  mapfile -t wished < <(missing_packages "${optional[@]}" | grep -vxFf <(cat "$refused" 2> /dev/null) || true)
  (( ${#missing[@]} + ${#wished[@]} )) || return 0
  if (( EUID != 0 )); then
    if (( ${#missing[@]} )); then
      say "these packages are missing; install them and run make again:"
      say "  sudo ${foreign:+dpkg --add-architecture $foreign && sudo }apt-get update &&" \
          "sudo apt-get install -y --no-install-recommends ${missing[*]} ${wished[*]}"
      exit 1
    fi
    say "going on without ${wished[*]}: what needs them is left out (sudo apt-get install -y ${wished[*]})"
    return 0
  fi
  say "installing with apt:" "${missing[@]}" "${wished[@]}"
  say "(measured on bare systems: 20 s to 2 minutes, by the network; the build after it 3 to 5 minutes on two cores)"
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p build
  [[ ! $foreign ]] || dpkg --add-architecture "$foreign"
  install_needed
  install_optional
}

# The system's python where it will do: one from pyenv or conda may vanish from PATH and break .venv.
usable_python() {
  local candidate
  for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
      && { echo "$candidate"; return; }
  done
  say "no Python 3.11 or later with venv was found"
  return 1
}

# A folder that holds wheels of a constraints file, all of them or those named; a stamp makes a repeat free.
make_venv() {
  local folder=$1 constraints=$2 stamp=$1/astrom3.stamp hash what=(-r "$2") python
  shift 2
  (( ! $# )) || [[ $1 == all ]] || what=(-c "$constraints" "$@")
  hash="$(sha256sum < "$constraints")"
  if [[ -x $folder/bin/python && -f $stamp ]]; then
    [[ $(< "$stamp") == "$hash all" || $(< "$stamp") == "$hash ${what[*]}" ]] && return 0
  fi
  python=$(usable_python)
  if [[ ${what[0]} == -r ]]; then
    say "installing the $(grep -vc '^ *\(#\|$\)' "$constraints") Python wheels of $constraints into $folder"
  else
    say "installing the Python wheel ${what[*]:2} into $folder"
  fi
  [[ -x $folder/bin/python && -f $stamp && $(< "$stamp") == "$hash"* ]] || { rm -rf "$folder"; "$python" -m venv "$folder"; }
  with_progress "pip install" build/setup.pip.log \
    "$folder"/bin/python -m pip install --progress-bar off --disable-pip-version-check --only-binary :all: "${what[@]}" \
    || { tail -n 20 build/setup.pip.log >&2; say "pip install failed; all of its output is in build/setup.pip.log"; exit 1; }
  [[ ${what[0]} == -r ]] && what=(all)
  echo "$hash ${what[*]}" > "$stamp"
}

# The same for a folder that sees the wheels of .venv, too, and holds only what these are not: all of it is named, so that
# pip changes nothing of .venv.
make_venv_beside() {
  local folder=$1 constraints=$2 stamp=$1/astrom3.stamp hash site
  hash="$(cat "$constraints" tools/constraints.txt | sha256sum)"
  [[ -x $folder/bin/python && -f $stamp && $(< "$stamp") == "$hash" ]] && return 0
  say "installing the Python wheels of $constraints into $folder (Spark has 456 MB)"
  rm -rf "$folder"
  .venv/bin/python -m venv "$folder"
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  echo "$site" > "$("$folder"/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/beside.pth"
  with_progress "pip install" build/setup.pip.log \
    "$folder"/bin/python -m pip install --progress-bar off --disable-pip-version-check --no-deps --only-binary :all: \
    -r "$constraints" \
    || { tail -n 20 build/setup.pip.log >&2; say "pip install failed; all of its output is in build/setup.pip.log"; exit 1; }
  echo "$hash" > "$stamp"
}

if command -v dpkg-query > /dev/null && command -v apt-get > /dev/null; then
  install_packages
else
  say "not a Debian-like system; needed (under their Debian names): ${needed[*]}; of use: ${optional[*]}"
fi
[[ $purpose == macos || $purpose == wasm ]] || make_venv .venv tools/constraints.txt "${wheels[@]}"
[[ $purpose != docs && $purpose != test ]] || make_venv .venv-docs tools/constraints-docs.txt
[[ $purpose != cluster ]] || make_venv_beside .venv-cluster tools/constraints-cluster.txt
[[ $purpose != bench ]] || make_venv .venv-bench tools/constraints-bench.txt
[[ $purpose != macos && $purpose != wasm ]] || make_venv .venv-macos tools/constraints-macos.txt
[[ $purpose != tidy ]] || make_venv .venv-tidy tools/constraints-tidy.txt
