#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs tests in the environment that `make cluster` makes, which has Spark, Ray, DuckDB, light-curve, lightkurve and scikit-learn:
# run_engine.sh TEST_FILE. Ends with 77, which ctest calls skipped, where something is missing.
python=.venv-cluster/bin/python
skip() { echo "skipped: $1; \`make cluster\` installs it"; exit 77; }
[ -x "$python" ] || skip "what ${1##*/} needs is not installed"
[ "${1##*/}" != test_spark.py ] || command -v java > /dev/null || skip "there is no Java"
exec "$python" tests/python/run_module.py pytest -q -p no:cacheprovider "$1"
