# SPDX-License-Identifier: MIT
"""The encoder beside ONNX Runtime, OpenVINO and PyTorch on this machine, in one interleaved run.

    .venv-bench/bin/python bench/compare_encoders.py [BUILD_DIR] [--rounds N] [--only WORDS] [--batches N ...]
                                                     [--avx2] [--processor-time] [--table FILE] [--svg FILE]
                                                     [--samples FILE] [--record]

Every contender is a process of its own that holds its model and waits; a round lets each of them encode
for about a third of a second in turn, and the table is made of medians over the rounds. ONNX Runtime and OpenVINO run
the file that `astrom3 export` writes, in float32 and in eight bits (ONNX Runtime's own dynamic ones, and NNCF's after
a calibration); OpenVINO also in the precision that it chooses itself. PyTorch runs the same formulas, eagerly and
compiled. Each at batches of 1, 8 and 32 and, for two threads, as one worker of two threads and as two workers of one;
what is more than a tenth behind the best of these after two turns goes home, and of the others the best counts. What
computes other means than ONNX Runtime is refused. Input is a full light curve of 200 observations, output `mean`.
GFLOP/s count the multiplications and additions of the model's formulas, 0.793 thousand millions a light curve, in
whatever numbers they are done; the peak is that of bare multiply-adds of floats, for our int8 of bytes.

--only measures the rivals alone whose names hold one of the words, --batches at other batches. --avx2 hides all newer instructions from every
contender (bench/hide_avx512.cpp). --processor-time counts the seconds of the processor, of all threads together and
divided by their number, and not those of the wall clock: for a machine that others keep busy. --samples keeps what was
measured in a file and adds to what is there, so that a long comparison can be made in pieces. --record writes the table
into README.md and the chart into docs/assets.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from turns import processor_name

HERE = Path(__file__).resolve().parent
RIVALS = HERE / "encoder_rivals.py"
GFLOP = 0.793  # of one light curve, by the model's formulas
SECONDS = 0.35  # one turn
BATCHES = (1, 8, 32)
TRIALS = 2  # turns after which the slower ways to run a rival are left out ...
BEHIND = 0.9  # ... where they are below this share of the best


AVX2_ALONE = {"ASTROM3_ISA": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
LARGEST_DIFFERENCE = {"int8": 0.5, "bf16": 0.1, "float32": 1e-3}  # of a number of the mean; others are about 1


def processor(is_avx2=False):
    """Its name, and which instructions count."""
    info = Path("/proc/cpuinfo").read_text()
    flags = next((line for line in info.splitlines() if line.startswith("flags")), "")
    return processor_name(), "AVX-512" if "avx512f" in flags and not is_avx2 else "AVX2"


def environment_of_avx2(build):
    """What hides newer instructions from a process and from those that it starts."""
    return {**AVX2_ALONE, "LD_PRELOAD": str((build / "lib/libhide_avx512.so").resolve())}


class Contender:
    """A process that encodes when it is told to."""

    def __init__(self, name, threads, command, environment=None, detail="", of_processor=False):
        self.name, self.threads, self.detail, self.of_processor = name, threads, detail, of_processor
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
            self.count = max(32, int(SECONDS * self.count / self.seconds(self.count)) // 32 * 32)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answers = list(map(float, self.process.stdout.readline().split()))
        return answers[1] if self.of_processor and len(answers) > 1 else answers[0]

    def seconds(self, count):
        """Of one thread, by the clock chosen."""
        return self.ask(f"encode {count}") / (self.threads if self.of_processor else 1)

    def turn(self):
        self.rates.append(self.count / self.seconds(self.count))

    def rate(self):
        return statistics.median(self.rates)

    def peak_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def has_module(name):
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0


def quantised(onnx_file, folder):
    """ONNX Runtime's own dynamic int8 of the same graph."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    out = folder / "int8.onnx"
    quantize_dynamic(onnx_file, out, weight_type=QuantType.QInt8, per_channel=True)
    return out


def quantised_by_nncf(onnx_file, folder):
    out = folder / "nncf.xml"
    subprocess.run([sys.executable, RIVALS, "quantise", onnx_file, out], check=True, capture_output=True)
    return out


def rivals(model, onnx_file, folder):
    """Name, kind, file and further arguments of every rival that is installed."""
    def is_there(name, *modules):
        missing = [module for module in modules if not has_module(module)]
        if missing:
            print(f"{name}: left out, not installed: {', '.join(missing)} (tools/constraints-bench.txt)", file=sys.stderr)
        return not missing

    if is_there("ONNX Runtime float32", "onnxruntime"):
        yield "ONNX Runtime float32", "onnxruntime", onnx_file, ()
    if is_there("ONNX Runtime dynamic int8", "onnxruntime", "onnx"):
        yield "ONNX Runtime dynamic int8", "onnxruntime", quantised(onnx_file, folder), ()
    if is_there("OpenVINO", "openvino"):
        yield "OpenVINO float32", "openvino", onnx_file, ("f32",)
        yield "OpenVINO as it chooses", "openvino", onnx_file, ("default",)
    if is_there("OpenVINO int8", "openvino", "nncf"):
        yield "OpenVINO int8 (NNCF)", "openvino", quantised_by_nncf(onnx_file, folder), ("default",)
    if is_there("PyTorch", "torch"):
        yield "PyTorch float32", "torch", model, ()
        if shutil.which("g++"):
            yield "PyTorch float32, compiled", "compiled", model, ()


def contenders(build, folder, options):
    """Arguments of Contender for all ways to run everybody."""
    astrom3 = build / "bin" / "astrom3"
    model, onnx_file = folder / "checkpoint", folder / "astrom3.onnx"
    subprocess.run([astrom3, "init", "--seed", "1", "-o", model, "-q"], check=True)
    subprocess.run([astrom3, "export", "--model", model, "-o", onnx_file, "-q"], check=True)
    environment = environment_of_avx2(build) if options.avx2 else {}
    for precision in ("float32", "int8"):
        for threads in (1, 2):
            worker = [build / "bin" / "bench_encode_worker", model, threads, precision]
            yield f"astrom3 {precision}", threads, worker, environment
    for name, kind, file, further in rivals(model, onnx_file, folder):
        if options.only and not any(word in name for word in options.only):
            continue
        for batch in options.batches:
            for threads, workers in ((1, 1), (2, 1), (1, 2)):
                detail = f"batch {batch}" + (f", {workers} × {threads} threads" if threads * workers > 1 else "")
                yield (name, threads * workers, [sys.executable, RIVALS, kind, file, batch, threads, workers, *further],
                       {**environment, "OMP_NUM_THREADS": str(threads)}, detail)


class Referee:
    """Compares the means of every rival with those of the first."""

    def __init__(self, folder):
        self.file, self.expected = folder / "means", None

    def check(self, contender):
        contender.ask(f"check {self.file}")
        found = np.fromfile(self.file, "<f4")
        if self.expected is None:
            self.expected = found
        n = min(found.size, self.expected.size)
        difference = float(np.abs(found[:n] - self.expected[:n]).max())
        precision = "int8" if "int8" in contender.name else "bf16" if "chooses" in contender.name else "float32"
        if not difference <= LARGEST_DIFFERENCE[precision]:
            raise RuntimeError(f"{contender.name}{contender.detail}: its mean is off by {difference}")


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


def of_precision(name):
    """The name of ours that it is compared with."""
    return "astrom3 int8" if "int8" in name else "astrom3 float32"


def table(rows, peaks, of_processor):
    lines = ["| | threads | light curves/s | astrom3 is faster | GFLOP/s | of the peak | peak memory | model load |",
             "|---|---|---|---|---|---|---|---|"]
    rates = {(row["name"], row["threads"]): row["rate"] for row in rows}
    for row in rows:
        gflops, ours = GFLOP * row["rate"], rates.get((of_precision(row["name"]), row["threads"]))
        is_ours = row["name"].startswith("astrom3")
        # The int8 of others need not use the instruction whose peak is known, nor what OpenVINO chooses.
        of = "int8" if row["name"] == "astrom3 int8" else "float32" if "float32" in row["name"] else None
        peak = peaks.get(f"{of} {row['threads']}", 0)
        share = f"{100 * gflops / peak:.0f} %" if peak else "–"
        load = "–" if of_processor else f"{1e3 * row['load']:.0f} ms"  # by the wall clock: others may have kept it waiting
        faster = f"{ours / row['rate']:.2f} ×" if ours and not is_ours else "–"
        lines.append(f"| {row['name']}{row['detail']} | {row['threads']} | {row['rate']:.1f} | "
                     f"{faster} | {gflops:.0f} | {share} | "
                     f"{row['memory']:.0f} MiB | {load} |")
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


def started(build, folder, options):
    """Everybody who is worth measuring, warmed up."""
    running, referee = [], Referee(folder)
    for arguments in contenders(build, folder, options):
        try:
            contender = Contender(*arguments, of_processor=options.processor_time)
        except RuntimeError as error:
            print(f"{error} ({arguments[-1]})", file=sys.stderr)
            continue
        if not contender.name.startswith("astrom3"):
            referee.check(contender)
        for _ in range(TRIALS):
            contender.turn()
        running = keep_the_best([*running, contender])
    for contender in running:
        contender.rates.clear()
    return running


def measure(build, rounds, samples, options):
    """Adds `rounds` rounds to samples: rates, memory and load time by contender, and peaks."""
    with tempfile.TemporaryDirectory() as temporary:
        running = started(build, Path(temporary), options)
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


def record(text, chart, is_avx2):
    """The table between its marks in README.md, the chart beside the documentation."""
    name = "encoder-speed-avx2" if is_avx2 else "encoder-speed"
    readme = HERE.parent / "README.md"
    marked = re.sub(rf"(<!-- {name} -->\n).*?(<!-- end -->)", lambda m: m[1] + text + m[2], readme.read_text(), flags=re.S)
    readme.write_text(marked)
    (HERE.parent / "docs" / "assets" / f"{name}.svg").write_text(chart)


def describe(rows, peaks, is_avx2, of_processor):
    """The title and the whole text."""
    name, isa = processor(is_avx2)
    title = f"Light curves per second{' of processor time' if of_processor else ''} on {name} ({isa})"
    bytes_peak = f"; of bytes {peaks['int8 1']:.0f} and {peaks['int8 2']:.0f}" if peaks.get("int8 1") else ""
    hidden = " AVX-512 and AMX were hidden from every program." if is_avx2 else ""
    return title, (f"{title}, medians of {min(row['rounds'] for row in rows)} interleaved rounds or more.{hidden} Peak of bare "
                   f"multiply-adds of floats: {peaks['float32 1']:.0f} GFLOP/s on one thread, {peaks['float32 2']:.0f} on "
                   f"two{bytes_peak}.\n\n{table(rows, peaks, of_processor)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", nargs="+", default=())
    parser.add_argument("--batches", nargs="+", type=int, default=BATCHES)
    parser.add_argument("--avx2", action="store_true")
    parser.add_argument("--processor-time", action="store_true")
    parser.add_argument("--table", type=Path)
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()

    samples = {"peaks": {}, "contenders": {}}
    if options.samples and options.samples.exists():
        samples = json.loads(options.samples.read_text())
    if options.rounds > 0:
        measure(options.build, options.rounds, samples, options)
    if options.samples:
        options.samples.write_text(json.dumps(samples))

    peaks = {key: statistics.median(values) for key, values in samples["peaks"].items()}
    rows = best_rows(samples)
    title, text = describe(rows, peaks, options.avx2, options.processor_time)
    print(text, end="")
    chart = bar_chart(title, rows)
    if options.table:
        options.table.write_text(text)
    if options.svg:
        options.svg.write_text(chart)
    if options.record:
        record(text, chart, options.avx2)


if __name__ == "__main__":
    main()
