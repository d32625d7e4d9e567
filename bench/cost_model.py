# SPDX-License-Identifier: MIT
"""What a survey costs: core-hours from raw light curves to embeddings, from costs measured now on this machine.

    bench/cost_model.py [BUILD_DIR] [--stars N] [--rounds N] [--json]

Simulated light curves of several lengths, with the cadence of each survey, go through `astrom3 embed` on one thread:
with periods and the other features measured or given in a catalogue, in float32 and int8. What is measured is the
processor time of the process (user and system), less that of a run over 1/8 of the stars, so that starting and
reading the checkpoint do not count. The rest of a survey's bill is the number of its light curves, which `SURVEYS`
assumes. Runs of every kind take turns; the medians are printed. With more processes than this machine
has cores the table is an extrapolation: processes share nothing but the disk, so core-hours do not depend on their
number. `--processes` measures that as far as there are cores.
"""

import argparse
import json
import math
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from turns import processor_name, take_turns


@dataclass(frozen=True)
class Survey:
    name: str
    light_curves: float  # objects times bands that are embedded one by one
    observations: int  # of a typical light curve
    span: float  # days
    night: float  # hours from the first to the last time of a night
    assumption: str  # behind these numbers, which are for the user to change


SURVEYS = (
    Survey(
        "ZTF, a thousand million light curves",
        1e9,
        300,
        2200,
        8,
        "assumed: some 300 epochs of a light curve of one band in six years",
    ),
    Survey(
        "Rubin, first year, one band",
        1e9,
        15,
        330,
        8,
        "assumed: some 800 visits in ten years and six bands, so 14 of a band in a year",
    ),
    Survey(
        "Gaia, G-band epoch photometry",
        2e9,
        60,
        2000,
        24,
        "assumed: some 60 visits in 66 months",
    ),
)


@dataclass(frozen=True)
class Way:
    name: str
    precision: str
    has_catalogue: bool


WAYS = tuple(
    Way(f"{precision}, features {'given' if given else 'measured'}", precision, given)
    for given in (False, True)
    for precision in ("float32", "int8")
)


def write_stars(path, catalogue, survey, n_stars, seed):
    """RR Lyrae-like light curves on nights of the survey: a file of many objects, and their features."""
    draw = random.Random(seed)
    with open(path, "w") as table, open(catalogue, "w") as features:
        table.write("object_id,hjd,mag,mag_err\n")
        features.write("object_id,amplitude,period,lksl_statistic,rfr_score\n")
        for star in range(n_stars):
            period = draw.uniform(0.3, 3)
            features.write(f"s{star},0.5,{period:.6f},0.2,0.9\n")
            for _ in range(survey.observations):
                t = 2458000 + draw.randrange(int(survey.span)) + draw.uniform(0, survey.night / 24)
                mag = 15 + 0.25 * math.sin(2 * math.pi * t / period) + draw.gauss(0, 0.02)
                table.write(f"s{star},{t:.6f},{mag:.4f},0.02\n")


def processor_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def embed(build, folder, survey_index, size, way):
    command = [
        build / "bin" / "astrom3",
        "embed",
        folder / f"{survey_index}-{size}.csv",
        "--band",
        "V",
        "--threads",
        "1",
        "-q",
        "--precision",
        way.precision,
        "-o",
        folder / f"out-{os.getpid()}.parquet",
    ]
    if way.has_catalogue:
        command += ["--features", folder / f"{survey_index}-{size}.catalogue.csv"]
    return command


def measure(build, folder, n_stars, rounds):
    """Processor seconds of one light curve: {(survey, way): median}."""
    few = max(1, n_stars // 8)
    for i, survey in enumerate(SURVEYS):
        for size in (few, n_stars):
            write_stars(folder / f"{i}-{size}.csv", folder / f"{i}-{size}.catalogue.csv", survey, size, seed=i)
    contenders = {}
    for i in range(len(SURVEYS)):
        for way in WAYS:

            def cost(i=i, way=way):
                return (
                    processor_seconds(embed(build, folder, i, n_stars, way))
                    - processor_seconds(embed(build, folder, i, few, way))
                ) / (n_stars - few)

            contenders[i, way] = cost
    return {key: statistics.median(values) for key, values in take_turns(contenders, rounds).items()}


def measure_processes(build, folder, n_stars):
    """Light curves a second with 1, 2, 4, 8 processes of one thread at once, as far as there are cores."""
    rates = {}
    for n in (1, 2, 4, 8):
        if n > len(os.sched_getaffinity(0)):
            break
        commands = []
        for k in range(n):
            command = embed(build, folder, 0, n_stars, WAYS[0])
            command[command.index("-o") + 1] = folder / f"process-{k}.parquet"
            commands.append(command)
        begin = time.perf_counter()
        running = [subprocess.Popen(command) for command in commands]
        if any(process.wait() != 0 for process in running):
            sys.exit("a process failed")
        rates[n] = n * n_stars / (time.perf_counter() - begin)
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--stars", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", action="store_true", help="measure 1, 2, 4, 8 processes at once, too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        seconds = measure(options.build, folder, options.stars, options.rounds)
        rates = measure_processes(options.build, folder, options.stars) if options.processes else {}

    if options.json:
        print(
            json.dumps(
                {
                    "processor": processor_name(),
                    "stars": options.stars,
                    "rounds": options.rounds,
                    "processes": rates,
                    "costs": [
                        {
                            "survey": SURVEYS[i].name,
                            "way": way.name,
                            "observations": SURVEYS[i].observations,
                            "milliseconds": 1e3 * value,
                            "core_hours": value * SURVEYS[i].light_curves / 3600,
                        }
                        for (i, way), value in seconds.items()
                    ],
                },
                indent=1,
            )
        )
        return
    print(
        f"{processor_name()}, one thread; {options.stars} simulated stars of each survey, medians of {options.rounds} "
        "interleaved rounds; processor time of the process\n"
    )
    print("| survey | light curves | observations of each | " + " | ".join(way.name for way in WAYS) + " |")
    print("|---|---|---|" + "---|" * len(WAYS))
    for i, survey in enumerate(SURVEYS):
        cells = [
            f"{1e3 * seconds[i, way]:.1f} ms, {seconds[i, way] * survey.light_curves / 3600:,.0f} core-hours"
            for way in WAYS
        ]
        print(f"| {survey.name} | {survey.light_curves:.0e} | {survey.observations} | " + " | ".join(cells) + " |")
    for survey in SURVEYS:
        print(f"\n{survey.name}: {survey.assumption}")
    for n, rate in rates.items():
        print(f"\n{n} processes at once: {rate:.0f} light curves/s, {rate / rates[1]:.2f} times one")


if __name__ == "__main__":
    main()
