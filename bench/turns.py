# SPDX-License-Identifier: MIT
"""What the comparisons share: contenders in turn, and the name of the processor they ran on."""

from pathlib import Path


def take_turns(contenders, n_rounds):
    """Calls every contender once a round; name -> what it returned in each, without a first round that warms up."""
    results = {name: [] for name in contenders}
    for turn in range(n_rounds + 1):
        for name, contender in contenders.items():
            result = contender()
            if turn > 0:
                results[name].append(result)
    return results


def processor_name():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
