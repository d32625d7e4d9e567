# SPDX-License-Identifier: MIT
"""The encoder beside ONNX Runtime and PyTorch on this machine, in one interleaved run.

    .venv-bench/bin/python bench/compare_encoders.py [BUILD_DIR] [--rounds N] [--svg FILE]

Every contender is a process of its own that holds its model and waits; a round lets each of them encode
for about a third of a second in turn, and the table is made of medians over the rounds. ONNX Runtime runs
the file that `astrom3 export` writes, with all graph optimisations, in float32 and with its own dynamic
int8, at batches of 1, 8 and 32 and, for two threads, as one session of two threads and as two sessions of
one: the best counts. PyTorch runs the same formulas; Debian's python3-torch where /usr/bin/python3 has it,
with OpenBLAS told which processor it is on. Input is a full light curve of 200 observations, output `mean`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GFLOP = 0.793  # of one light curve, by the model's formulas
SECONDS = 0.35  # one turn


def processor():
    """Its name, and what OpenBLAS calls it."""
    info = Path("/proc/cpuinfo").read_text()
    name = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    flags = next((line for line in info.splitlines() if line.startswith("flags")), "")
    core = "SKYLAKEX" if "avx512f" in flags else "ZEN" if "AMD" in name else "HASWELL"
    isa = "AVX-512" if "avx512f" in flags else "AVX2"
    return name, isa, core


class Contender:
    """A process that encodes when it is told to."""

    def __init__(self, name, threads, command, environment=None):
        self.name, self.threads = name, threads
        limits = {variable: str(threads) for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **limits, **(environment or {})})
        ready = self.process.stdout.readline().split()
        if not ready:
            raise RuntimeError(f"{name} did not start")
        self.load_seconds = float(ready[1])
        self.version = ready[2] if len(ready) > 2 else ""
        self.count = 32
        self.rates = []
        for _ in range(3):  # warm up, and find how many fill a turn
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
            yield name, 1, [*run, 1, 1], None
            yield name, 2, [*run, 2, 1], None
            yield name, 2, [*run, 1, 2], None
    python = next((p for p in ("/usr/bin/python3", sys.executable)
                   if subprocess.run([p, "-c", "import torch"], capture_output=True).returncode == 0), None)
    if python is None:
        print("PyTorch: left out, no python3 has it (Debian: python3-torch)", file=sys.stderr)
        return
    for batch in (1, 8, 32):
        for threads in (1, 2):
            yield "PyTorch float32", threads, [python, rivals, "torch", model, batch, threads], {
                "OPENBLAS_CORETYPE": core}


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
    lines = ["| | threads | light curves/s | GFLOP/s | of the FMA peak | × ONNX Runtime float32 | peak memory | model load |",
             "|---|---|---|---|---|---|---|---|"]
    baseline = {row["threads"]: row["rate"] for row in rows if row["name"] == "ONNX Runtime float32"}
    for row in rows:
        gflops, best = GFLOP * row["rate"], baseline.get(row["threads"])
        share = "–" if "int8" in row["name"] else f"{100 * gflops / peaks[row['threads']]:.0f} %"
        lines.append(f"| {row['name']}{row['detail']} | {row['threads']} | {row['rate']:.1f} | {gflops:.0f} | {share} | "
                     f"{format(row['rate'] / best, '.2f') if best else '–'} | "
                     f"{row['memory']:.0f} MiB | {1e3 * row['load']:.0f} ms |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    name, isa, core = processor()

    with tempfile.TemporaryDirectory() as temporary:
        running = [Contender(*c) for c in contenders(options.build, Path(temporary), core)]
        ours = {c.threads: c for c in running if c.name == "astrom3 float32"}
        peak_samples = {threads: [] for threads in ours}
        for _ in range(options.rounds):
            for threads, contender in ours.items():
                peak_samples[threads].append(contender.ask("peak"))
            for contender in running:
                contender.turn()
        peaks = {threads: statistics.median(samples) for threads, samples in peak_samples.items()}

        rows = []
        for key in dict.fromkeys((c.name, c.threads) for c in running):
            best = max((c for c in running if (c.name, c.threads) == key), key=Contender.rate)
            arguments = list(map(str, best.process.args))
            detail = ""
            if "onnxruntime" in arguments or "torch" in arguments:
                kind = arguments.index("onnxruntime" if "onnxruntime" in arguments else "torch")
                detail = f" {best.version}, batch {arguments[kind + 2]}"
                if arguments[-1] == "2" and "onnxruntime" in arguments:
                    detail += ", two sessions"
            rows.append({"name": best.name, "detail": detail, "threads": best.threads, "rate": best.rate(),
                         "memory": best.peak_mib(), "load": best.load_seconds})
        for contender in running:
            contender.stop()

    title = f"Light curves per second on {name} ({isa})"
    text = table(rows, peaks)
    print(f"{title}, medians of {options.rounds} interleaved rounds; FMA peak "
          f"{peaks[1]:.0f} GFLOP/s on one thread, {peaks[2]:.0f} on two\n\n{text}", end="")
    if options.svg:
        options.svg.write_text(bar_chart(title, rows))


if __name__ == "__main__":
    main()
