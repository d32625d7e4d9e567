#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every network fault of tests/hub, N times each: tests/torture/network_faults.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
export ASTROM3_HUB_REPEATS=${1:-50} ASTROM3_CLI=$PWD/build/release/bin/astrom3 ASTROM3_TEST_DATA=$PWD/tests/golden
export PYTHONDONTWRITEBYTECODE=1
for test in test_fetch test_certificates; do
  python3 "tests/hub/$test.py" -v
done
