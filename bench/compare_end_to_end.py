# SPDX-License-Identifier: MIT
"""How much of the encoder's own rate is left when light curves come from a file, with features from a catalogue.

    .venv/bin/python bench/compare_end_to_end.py [BUILD_DIR] [--rounds N] [--stars N] [--threads N]

Stars of 300 observations, of which the encoder sees 200, as one CSV table (magnitudes, grouped by id) and as Parquet
with lists; their four features as a catalogue. In turn: the encoder alone on tensors in memory, and `astrom3 embed` from
each file into a Parquet file, by the clock from the start of the process to its end. Prints medians over the rounds.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from compare_readers import write_inputs
from turns import processor_name, take_turns


class EncoderAlone:
    def __init__(self, build, model, threads):
        self.process = subprocess.Popen([build / "bin" / "bench_encode_worker", model, str(threads), "float32"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def seconds(self, n):
        self.process.stdin.write(f"encode {n}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stars", type=int, default=1500)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    command = options.build / "bin" / "astrom3"

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_inputs(folder, options.stars)
        catalog = folder / "catalog.csv"
        catalog.write_text("object_id,amplitude,period,lksl_statistic,rfr_score\n" + "".join(
            f"ASAS_{i:06d}+2553.2,0.4,{0.3 + 1e-4 * i},0.2,0.9\n" for i in range(options.stars)))
        model = folder / "model"
        subprocess.run([command, "init", "--seed", "1", "-o", model, "-q"], check=True)
        alone = EncoderAlone(options.build, model, options.threads)

        def embed(table):
            start = time.perf_counter()
            subprocess.run([command, "embed", folder / table, "--band", "V", "--features", catalog, "--model", model, "--threads",
                            str(options.threads), "-o", folder / "out.parquet", "-q"], check=True)
            return time.perf_counter() - start

        contenders = {"the encoder alone, tensors in memory": lambda: alone.seconds(options.stars),
                      "`embed` of a CSV table": lambda: embed("long.csv"),
                      "`embed` of Parquet with lists": lambda: embed("lists.parquet")}
        seconds = take_turns(contenders, options.rounds)

    print(f"{processor_name()}, {options.threads} threads, {options.stars} stars of 300 observations; medians of {options.rounds} "
          "interleaved rounds\n")
    print("| | stars/s | of the encoder's own rate |\n|---|---|---|")
    own = statistics.median(seconds["the encoder alone, tensors in memory"])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"| {name} | {options.stars / median:.0f} | {100 * own / median:.0f} % |")


if __name__ == "__main__":
    main()
