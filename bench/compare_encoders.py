# SPDX-License-Identifier: MIT
"""The encoder beside ONNX Runtime and PyTorch on this machine, in one interleaved run.

    .venv-bench/bin/python bench/compare_encoders.py [BUILD_DIR] [--rounds N] [--table FILE] [--svg FILE]
                                                     [--samples FILE] [--record]

Every contender is a process of its own that holds its model and waits; a round lets each of them encode
for about a third of a second in turn, and the table is made of medians over the rounds. ONNX Runtime runs
the file that `astrom3 export` writes, with all graph optimisations, in float32 and with its own dynamic
int8, at batches of 1, 8 and 32 and, for two threads, as one session of two threads and as two sessions of
one; what is more than a tenth behind the best of these after two turns goes home, and of the others the best
counts. PyTorch runs the same formulas; Debian's python3-torch where /usr/bin/python3 has it, with OpenBLAS
told which processor it is on. Input is a full light curve of 200 observations, output `mean`. GFLOP/s count
the multiplications and additions of the model's formulas, 0.793 thousand millions a light curve, in whatever
numbers they are done; the peak is that of bare multiply-adds of floats, for our int8 of bytes.

--samples keeps what was measured in a file and adds to what is there, so that a long comparison can be made
in pieces. --record writes the table into README.md and the chart into docs/assets.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from turns import processor_name

HERE = Path(__file__).resolve().parent
GFLOP = 0.793  # of one light curve, by the model's formulas
SECONDS = 0.35  # one turn
TRIALS = 2  # turns after which the slower ways to run a rival are left out ...
BEHIND = 0.9  # ... where they are below this share of the best


def processor():
    """Its name, and what OpenBLAS calls it."""
    info = Path("/proc/cpuinfo").read_text()
    name = processor_name()
    flags = next((line for line in info.splitlines() if line.startswith("flags")), "")
    core = "SKYLAKEX" if "avx512f" in flags else "ZEN" if "AMD" in name else "HASWELL"
    isa = "AVX-512" if "avx512f" in flags else "AVX2"
    return name, isa, core


class Contender:
    """A process that encodes when it is told to."""

    def __init__(self, name, threads, command, environment=None, detail=""):
        self.name, self.threads, self.detail = name, threads, detail
        limits = {variable: str(threads) for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **limits, **(environment or {})})
        ready = self.process.stdout.readline().split()
        if not ready:
            raise RuntimeError(f"{name} did not start")
        self.load_seconds = float(ready[1])
        self.version = ready[2] if len(ready) > 2 else ""
        if self.version:
            self.detail = f" {self.version}, {detail}"
        self.count = 32
        self.rates = []
        for _ in range(2):  # warm up, and find how many fill a turn
            self.count = max(32, int(SECONDS * self.count / self.ask(f"encode {self.count}")) // 32 * 32)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def turn(self):
        self.rates.append(self.count / self.ask(f"encode {self.count}"))

    def rate(self):
        return statistics.median(self.rates)

    def peak_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def quantised(onnx_file, folder):
    """ONNX Runtime's own dynamic int8 of the same graph; None where the tools for it are missing."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError:
        return None
    out = folder / "int8.onnx"
    quantize_dynamic(onnx_file, out, weight_type=QuantType.QInt8, per_channel=True)
    return out


def contenders(build, folder, core):
    astrom3 = build / "bin" / "astrom3"
    model, onnx_file = folder / "checkpoint", folder / "astrom3.onnx"
    subprocess.run([astrom3, "init", "--seed", "1", "-o", model, "-q"], check=True)
    subprocess.run([astrom3, "export", "--model", model, "-o", onnx_file, "-q"], check=True)
    rivals = HERE / "encoder_rivals.py"
    for precision in ("float32", "int8"):
        for threads in (1, 2):
            yield f"astrom3 {precision}", threads, [build / "bin" / "bench_encode_worker", model, threads, precision], None
    files = {"ONNX Runtime float32": onnx_file, "ONNX Runtime dynamic int8": quantised(onnx_file, folder)}
    for name, file in files.items():
        if file is None:
            print(f"{name}: left out, the onnx package is not installed", file=sys.stderr)
            continue
        for batch in (1, 8, 32):
            run = [sys.executable, rivals, "onnxruntime", file, batch]
            yield name, 1, [*run, 1, 1], None, f"batch {batch}"
            yield name, 2, [*run, 2, 1], None, f"batch {batch}, one session"
            yield name, 2, [*run, 1, 2], None, f"batch {batch}, two sessions"
    python = next((p for p in ("/usr/bin/python3", sys.executable)
                   if subprocess.run([p, "-c", "import torch"], capture_output=True).returncode == 0), None)
    if python is None:
        print("PyTorch: left out, no python3 has it (Debian: python3-torch)", file=sys.stderr)
        return
    for batch in (1, 8, 32):
        for threads in (1, 2):
            yield "PyTorch float32", threads, [python, rivals, "torch", model, batch, threads], {
                "OPENBLAS_CORETYPE": core}, f"batch {batch}"


def bar_chart(title, rows):
    """Two bars a contender, one for each number of threads, as SVG."""
    width, bar, gap, left = 760, 16, 14, 230
    names = list(dict.fromkeys(row["name"] for row in rows))
    longest = max(row["rate"] for row in rows)
    height = 60 + len(names) * (2 * bar + gap)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
           f'font-size="12">', f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="10" y="22" font-size="14">{title}</text>']
    for i, name in enumerate(names):
        y = 40 + i * (2 * bar + gap)
        out.append(f'<text x="{left - 8}" y="{y + bar + 4}" text-anchor="end">{name}</text>')
        for row in (row for row in rows if row["name"] == name):
            top = y + (row["threads"] - 1) * bar
            length = row["rate"] / longest * (width - left - 120)
            colour = {1: "#7a9cc6", 2: "#1f4e79"}[row["threads"]]
            out.append(f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{bar - 2}" fill="{colour}"/>')
            plural = "s" if row["threads"] > 1 else ""
            out.append(f'<text x="{left + length + 6:.1f}" y="{top + bar - 5}">{row["rate"]:.0f} '
                       f'({row["threads"]} thread{plural})</text>')
    return "\n".join([*out, "</svg>", ""])


def table(rows, peaks):
    lines = ["| | threads | light curves/s | GFLOP/s | of the peak | × ONNX Runtime float32 | peak memory | model load |",
             "|---|---|---|---|---|---|---|---|"]
    baseline = {row["threads"]: row["rate"] for row in rows if row["name"] == "ONNX Runtime float32"}
    for row in rows:
        gflops, best = GFLOP * row["rate"], baseline.get(row["threads"])
        # The int8 of others need not use the instruction whose peak is known.
        of = "int8" if row["name"] == "astrom3 int8" else None if "int8" in row["name"] else "float32"
        peak = peaks.get(f"{of} {row['threads']}", 0)
        share = f"{100 * gflops / peak:.0f} %" if peak else "–"
        lines.append(f"| {row['name']}{row['detail']} | {row['threads']} | {row['rate']:.1f} | {gflops:.0f} | {share} | "
                     f"{format(row['rate'] / best, '.2f') if best else '–'} | "
                     f"{row['memory']:.0f} MiB | {1e3 * row['load']:.0f} ms |")
    return "\n".join(lines) + "\n"


def keep_the_best(running):
    """Of each name and number of threads the ways to run it that are not far behind the best."""
    best = {}
    for contender in running:
        key = contender.name, contender.threads
        best[key] = max(best.get(key, 0), contender.rate())
    kept = []
    for contender in running:
        if contender.rate() >= BEHIND * best[contender.name, contender.threads]:
            kept.append(contender)
        else:
            contender.stop()
    return kept


def measure(build, rounds, core, samples):
    """Adds `rounds` rounds to samples: rates, memory and load time by contender, and peaks."""
    with tempfile.TemporaryDirectory() as temporary:
        running = []
        for contender in contenders(build, Path(temporary), core):
            running.append(Contender(*contender))
            for _ in range(TRIALS):
                running[-1].turn()
        running = keep_the_best(running)
        for contender in running:
            contender.rates.clear()
        ours = [c for c in running if c.name.startswith("astrom3")]
        for _ in range(rounds):
            for contender in ours:
                key = f"{contender.name.removeprefix('astrom3 ')} {contender.threads}"
                samples["peaks"].setdefault(key, []).append(contender.ask("peak"))
            for contender in running:
                contender.turn()
        for c in running:
            entry = samples["contenders"].setdefault(
                f"{c.name}|{c.threads}|{c.detail}", {"rates": [], "memory": [], "load": []})
            entry["rates"] += c.rates
            entry["memory"].append(c.peak_mib())
            entry["load"].append(c.load_seconds)
            c.stop()


def best_rows(samples):
    """A row for each name and number of threads: the way to run it with the best median."""
    rows = {}
    for key, entry in samples["contenders"].items():
        name, threads, detail = key.split("|")
        row = {"name": name, "threads": int(threads), "detail": detail, "rate": statistics.median(entry["rates"]),
               "rounds": len(entry["rates"]), "memory": max(entry["memory"]), "load": statistics.median(entry["load"])}
        old = rows.get((name, threads))
        if old is None or row["rate"] > old["rate"]:
            rows[name, threads] = row
    return list(rows.values())


def record(text, chart):
    """The table between its marks in README.md, the chart beside the documentation."""
    readme = HERE.parent / "README.md"
    marked = re.sub(r"(<!-- encoder-speed -->\n).*?(<!-- end -->)", lambda m: m[1] + text + m[2], readme.read_text(), flags=re.S)
    readme.write_text(marked)
    (HERE.parent / "docs" / "assets" / "encoder-speed.svg").write_text(chart)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    name, isa, core = processor()

    samples = {"peaks": {}, "contenders": {}}
    if options.samples and options.samples.exists():
        samples = json.loads(options.samples.read_text())
    if options.rounds > 0:
        measure(options.build, options.rounds, core, samples)
    if options.samples:
        options.samples.write_text(json.dumps(samples))

    peaks = {key: statistics.median(values) for key, values in samples["peaks"].items()}
    rows = best_rows(samples)
    title = f"Light curves per second on {name} ({isa})"
    bytes_peak = f"; of bytes {peaks['int8 1']:.0f} and {peaks['int8 2']:.0f}" if peaks.get("int8 1") else ""
    text = (f"{title}, medians of {min(row['rounds'] for row in rows)} interleaved rounds or more. Peak of bare "
            f"multiply-adds of floats: {peaks['float32 1']:.0f} GFLOP/s on one thread, {peaks['float32 2']:.0f} on "
            f"two{bytes_peak}.\n\n{table(rows, peaks)}")
    print(text, end="")
    chart = bar_chart(title, rows)
    if options.table:
        options.table.write_text(text)
    if options.svg:
        options.svg.write_text(chart)
    if options.record:
        record(text, chart)


if __name__ == "__main__":
    main()
