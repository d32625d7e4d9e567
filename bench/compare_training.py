# SPDX-License-Identifier: MIT
"""Training beside PyTorch on this machine, in one interleaved run.

    .venv-bench/bin/python bench/compare_training.py [BUILD_DIR] [--rounds N] [--batches N ...] [--threads N ...]
                                                     [--ways eager compiled] [--avx2] [--processor-time] [--svg FILE]

Every contender is a process of its own that holds its model and waits; a round lets each of them train for about a
second in turn, and the table is made of medians over the rounds. A step is a batch of full light curves of 200
observations: forward with dropout, cross-entropy, backward, AdamW. PyTorch runs the same formulas, eagerly and compiled,
at batches of 8 and 32 (those more than a tenth behind the best go home after two turns). Ours takes batches of 32; its
speed does not depend on them. --avx2 hides all newer instructions from everybody (bench/hide_avx512.cpp), and
--processor-time counts the seconds of the processor, divided by the number of threads.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import compare_encoders
from compare_encoders import HERE, TRIALS, Contender, bar_chart, environment_of_avx2, has_module, keep_the_best, processor

GFLOP = 3 * compare_encoders.GFLOP  # of one light curve, forwards and twice that backwards
OUR_BATCH = 32
RIVAL_BATCHES = (8, 32)


def contenders(build, folder, options):
    environment = environment_of_avx2(build) if options.avx2 else {}
    model = folder / "checkpoint"
    subprocess.run([build / "bin" / "astrom3", "init", "--seed", "1", "-o", model, "-q"], check=True)
    for threads in (1, 2):
        yield "astrom3 float32", threads, [build / "bin" / "bench_train_worker", model, OUR_BATCH, threads], environment, f", batch {OUR_BATCH}"
    if not has_module("torch"):
        print("PyTorch: left out, not installed: torch (tools/constraints-bench-torch.txt)", file=sys.stderr)
        return
    for way in options.ways:
        for batch in options.batches:
            for threads in options.threads:
                yield (f"PyTorch float32, {way}", threads, [sys.executable, HERE / "training_rival.py", model, batch, threads, way],
                       environment, f"batch {batch}")


def table(rows, peaks):
    lines = ["| | threads | light curves/s | steps of 32/s | astrom3 is faster | GFLOP/s | of the FMA peak | peak memory |",
             "|---|---|---|---|---|---|---|---|"]
    ours = {row["threads"]: row["rate"] for row in rows if row["name"].startswith("astrom3")}
    for row in rows:
        gflops = GFLOP * row["rate"]
        faster = "–" if row["name"].startswith("astrom3") else f"{ours[row['threads']] / row['rate']:.2f} ×"
        lines.append(f"| {row['name']}{row['detail']} | {row['threads']} | {row['rate']:.1f} | {row['rate'] / 32:.2f} | {faster} | "
                     f"{gflops:.0f} | {100 * gflops / peaks[row['threads']]:.0f} % | {row['memory']:.0f} MiB |")
    return "\n".join(lines) + "\n"


def started(build, folder, options):
    running = []
    for arguments in contenders(build, folder, options):
        try:
            contender = Contender(*arguments, of_processor=options.processor_time)
        except RuntimeError as error:
            print(f"{error} ({arguments[1]} threads, {arguments[-1]})", file=sys.stderr)
            continue
        for _ in range(TRIALS):
            contender.turn()
        running = keep_the_best([*running, contender])
    for contender in running:
        contender.rates.clear()
    return running


def measure(build, options):
    """Rows of the best of each name and number of threads, and the peaks."""
    with tempfile.TemporaryDirectory() as temporary:
        running = started(build, Path(temporary), options)
        samples = {1: [], 2: []}
        for _ in range(options.rounds):
            for contender in running:
                if contender.name.startswith("astrom3"):
                    samples[contender.threads].append(contender.ask("peak"))
                contender.turn()
        rows = []
        for key in dict.fromkeys((c.name, c.threads) for c in running):
            best = max((c for c in running if (c.name, c.threads) == key), key=Contender.rate)
            rows.append({"name": best.name, "detail": best.detail, "threads": best.threads, "rate": best.rate(),
                         "memory": best.peak_mib()})
        for contender in running:
            contender.stop()
    return rows, {threads: statistics.median(values) for threads, values in samples.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", nargs="+", type=int, default=RIVAL_BATCHES)
    parser.add_argument("--threads", nargs="+", type=int, default=(1, 2), help="of the rivals")
    parser.add_argument("--ways", nargs="+", default=("eager", "compiled") if shutil.which("g++") else ("eager",))
    parser.add_argument("--avx2", action="store_true")
    parser.add_argument("--processor-time", action="store_true")
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    name, isa = processor(options.avx2)
    rows, peaks = measure(options.build, options)
    title = f"Light curves trained per second{' of processor time' if options.processor_time else ''} on {name} ({isa})"
    print(f"{title}, medians of {options.rounds} interleaved rounds; FMA peak "
          f"{peaks[1]:.0f} GFLOP/s on one thread, {peaks[2]:.0f} on two\n\n{table(rows, peaks)}", end="")
    if options.svg:
        options.svg.write_text(bar_chart(title, rows))


if __name__ == "__main__":
    main()
