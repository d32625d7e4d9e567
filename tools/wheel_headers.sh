#!/bin/bash
# Installs what a wheel is built from where no package manager has it new enough: the containers of manylinux, called by
# cibuildwheel (pyproject.toml). On a Mac Homebrew has it. The versions are those of Debian 12.
set -euo pipefail

if [[ $(uname) == Darwin ]]; then
  brew install cmake ninja fmt nlohmann-json cli11
  exit
fi
dnf install -y git openssl-devel zlib-devel libzstd-devel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
install_headers() {  # PROJECT TAG OPTION...
  git clone --quiet --depth 1 --branch "$2" "https://github.com/$1" "$work/source"
  cmake -S "$work/source" -B "$work/build" -DCMAKE_POSITION_INDEPENDENT_CODE=ON "${@:3}"
  cmake --build "$work/build" --target install -j2
  rm -rf "$work/source" "$work/build"
}
install_headers fmtlib/fmt 9.1.0 -DFMT_TEST=OFF -DFMT_DOC=OFF
install_headers nlohmann/json v3.11.2 -DJSON_BuildTests=OFF
install_headers CLIUtils/CLI11 v2.3.2 -DCLI11_BUILD_TESTS=OFF -DCLI11_BUILD_EXAMPLES=OFF
