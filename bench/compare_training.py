# SPDX-License-Identifier: MIT
"""Training beside PyTorch on this machine, in one interleaved run.

    .venv-bench/bin/python bench/compare_training.py [BUILD_DIR] [--rounds N] [--svg FILE]

Every contender is a process of its own that holds its model and waits; a round lets each of them train for about a
second in turn, and the table is made of medians over the rounds. A step is a batch of full light curves of 200
observations: forward with dropout, cross-entropy, backward, AdamW. PyTorch runs the same formulas; Debian's
python3-torch where /usr/bin/python3 has it, with OpenBLAS told which processor it is on, at batches of 8 and 32 and,
for two threads, with OpenBLAS on one and on two: the best counts. Ours takes batches of 32; its speed does not depend
on them.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import compare_encoders
from compare_encoders import HERE, Contender, bar_chart, processor

GFLOP = 3 * compare_encoders.GFLOP  # of one light curve, forwards and twice that backwards
OUR_BATCH = 32
RIVAL_BATCHES = (8, 32)


def contenders(build, folder, core):
    model = folder / "checkpoint"
    subprocess.run([build / "bin" / "astrom3", "init", "--seed", "1", "-o", model, "-q"], check=True)
    for threads in (1, 2):
        yield "astrom3 float32", threads, OUR_BATCH, [build / "bin" / "bench_train_worker", model, OUR_BATCH, threads], None
    python = next((p for p in ("/usr/bin/python3", sys.executable)
                   if subprocess.run([p, "-c", "import torch"], capture_output=True).returncode == 0), None)
    if python is None:
        print("PyTorch: left out, no python3 has it (Debian: python3-torch)", file=sys.stderr)
        return
    for batch in RIVAL_BATCHES:
        for threads, blas_threads in ((1, 1), (2, 1), (2, 2)):
            yield "PyTorch float32", threads, batch, [python, HERE / "training_rival.py", model, batch, threads], {
                "OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": str(blas_threads)}


def table(rows, peaks):
    lines = ["| | threads | light curves/s | GFLOP/s | of the FMA peak | × PyTorch | peak memory |",
             "|---|---|---|---|---|---|---|"]
    baseline = {row["threads"]: row["rate"] for row in rows if row["name"].startswith("PyTorch")}
    for row in rows:
        gflops, best = GFLOP * row["rate"], baseline.get(row["threads"])
        lines.append(f"| {row['name']}{row['detail']} | {row['threads']} | {row['rate']:.1f} | {gflops:.0f} | "
                     f"{100 * gflops / peaks[row['threads']]:.0f} % | "
                     f"{format(row['rate'] / best, '.2f') if best else '–'} | {row['memory']:.0f} MiB |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    name, isa, core = processor()

    with tempfile.TemporaryDirectory() as temporary:
        running = [(batch, Contender(title, threads, command, environment))
                   for title, threads, batch, command, environment in contenders(options.build, Path(temporary), core)]
        ours = {c.threads: c for _, c in running if c.name.startswith("astrom3")}
        samples = {threads: [] for threads in ours}
        for _ in range(options.rounds):
            for threads, contender in ours.items():
                samples[threads].append(contender.ask("peak"))
            for _, contender in running:
                contender.turn()
        peaks = {threads: statistics.median(values) for threads, values in samples.items()}
        rows = []
        for key in dict.fromkeys((c.name, c.threads) for _, c in running):
            batch, best = max(((b, c) for b, c in running if (c.name, c.threads) == key), key=lambda pair: pair[1].rate())
            rows.append({"name": best.name, "detail": f" {best.version}, batch {batch}".replace(" ,", ","),
                         "threads": best.threads, "rate": best.rate(), "memory": best.peak_mib()})
        for _, contender in running:
            contender.stop()

    title = f"Light curves trained per second on {name} ({isa})"
    print(f"{title}, medians of {options.rounds} interleaved rounds; FMA peak "
          f"{peaks[1]:.0f} GFLOP/s on one thread, {peaks[2]:.0f} on two\n\n{table(rows, peaks)}", end="")
    if options.svg:
        options.svg.write_text(bar_chart(title, rows))


if __name__ == "__main__":
    main()
