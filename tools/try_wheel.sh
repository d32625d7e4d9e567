#!/bin/bash
# Installs a wheel into an empty environment and embeds an example there: tools/try_wheel.sh PYTHON WHEEL
#
# The numbers are those of the command in build/release, where that is built.
set -euo pipefail

python=$1
wheel=$(realpath "$2")
tree=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/env"
"$work/env/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: "$wheel"
star=$tree/examples/asassn_like/SIM-RRAB-1.dat
cd "$work"
export PATH="$work/env/bin:/usr/bin:/bin"
unset ASTROM3_LIBRARY ASTROM3_MODEL LD_LIBRARY_PATH PYTHONPATH
astrom3 embed "$star" --band V -q -o star.csv
python - "$star" <<'CHECK'
import csv, sys
import numpy as np
import astrom3
time, flux, error = np.loadtxt(sys.argv[1], skiprows=2, usecols=(0, 3, 4), unpack=True)
embedding = astrom3.AstroM3()(time, flux, error)
row = next(csv.DictReader(open("star.csv")))
assert all(np.float32(row[f"e{i}"]) == value for i, value in enumerate(embedding)), "the command gives other numbers"
CHECK
if [[ -x $tree/build/release/bin/astrom3 ]]; then
  "$tree/build/release/bin/astrom3" embed "$star" --band V -q -o tree.csv
  cmp star.csv tree.csv
fi
echo "wheels: $("$python" -V) installs ${wheel##*/}, and embeds with it"
