#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs the tests of Spark, Ray or the readers of a survey's folder (DuckDB among them) in the environment that `make cluster`
# makes: run_engine.sh spark|ray|readers. Ends with 77, which ctest calls skipped, where something is missing.
python=.venv-cluster/bin/python
skip() { echo "skipped: $1; \`make cluster\` installs it"; exit 77; }
[ -x "$python" ] || skip "$1 is not installed"
[ "$1" != spark ] || command -v java > /dev/null || skip "there is no Java"
test="tests/python/cluster/test_$1.py"
[ "$1" != readers ] || test=tests/python/package/test_surveys.py
exec "$python" tests/python/run_module.py pytest -q -p no:cacheprovider "$test"
