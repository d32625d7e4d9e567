#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A long run over synthetic objects with faults of every class: each fault has its code, no good object is lost.

    .venv/bin/python tests/torture/soak.py [--astrom3 build/release/bin/astrom3] [--objects 1000000] [--points 12]

The objects are in one long table, of which 64 MiB may be held, with their features in a catalogue. One in a hundred is
faulty, with the classes of ROW_FAULTS, OBJECT_FAULTS and CATALOG_FAULTS taken in turn; beside the table lie small files,
each with one fault of FILE_FAULTS, or with none. They are all read and cleaned by `--check`, and then embedded with the
tiny checkpoint into parts of 10,000. Of the second run every id is compared: those in the parts with status ok are the
good ones, each once, and _rejects.jsonl has each fault with its code.

Codes that no object of such a survey can get: too_many_points (tests/light_curve/test_light_curve.cpp), the nonfinite_* and
length_mismatch of arrays, nonfinite_output, bad_header and no_zero_point of other tables than these.

Prints both runs' counts, the resident memory in the first and last third and the file descriptors; exits 1 when
anything differs, or when memory in the last third was over 10 % above that in the first, not counting the 24 bytes a
stored id may cost: a table too large to be held leaves the ids of the past, as hashes, and so does --unique-ids. Needs
pyarrow.
"""

import argparse
import collections
import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import pyarrow.parquet as pq

# A faulty row, given id, time, flux, error, band as text; and the code it must get.
ROW_FAULTS = {
    "not_a_number": lambda i, t, f, e, b: f"{i},{t},oops,{e},{b}",
    "missing_value": lambda i, t, f, e, b: f"{i},{t},,{e},{b}",
    "nonfinite": lambda i, t, f, e, b: f"{i},{t},inf,{e},{b}",
    "upper_limit": lambda i, t, f, e, b: f"{i},{t},>17.2,{e},{b}",
    "field_count": lambda i, t, f, e, b: f"{i},{t},{f}",
    "negative_error": lambda i, t, f, e, b: f"{i},{t},{f},-1,{b}",
    "not_text": lambda i, t, f, e, b: f"{i},{t},{f}\0,{e},{b}",
    "bad_encoding": lambda i, t, f, e, b: f"{i},{t},\udcff{f},{e},{b}",
    "implausible_time_span": lambda i, t, f, e, b: f"{i},1e9,{f},{e},{b}",
    "mixed_bands": lambda i, t, f, e, b: f"{i},{t},{f},{e},g",
    "unclosed_quote": lambda i, t, f, e, b: f'{i},{t},"{f},{e},{b}',
    "overflow_float32": lambda i, t, f, e, b: f"{i},{t},1e300,{e},{b}",
    "bad_id": lambda i, t, f, e, b: f"{i},{t},{f},{e},{b}\n,{t},{f},{e},{b}",  # a row more, which is nobody's
}
# A faulty object, given its rows as lists of text.
OBJECT_FAULTS = {
    "too_few_points": lambda rows: rows[:1],
    "zero_time_span": lambda rows: [[i, rows[0][1], f, e, b] for i, _, f, e, b in rows],
    "mad_zero": lambda rows: [[i, t, "40", e, b] for i, t, _, e, b in rows],
    "mad_too_small": lambda rows: [[i, t, f"{k}e-300", e, b] for k, (i, t, _, e, b) in enumerate(rows)],
}
CATALOG_FAULTS = {  # the object's line in the catalogue
    "no_catalog_row": lambda line: None,
    "bad_aux": lambda line: line.replace(",1.5,", ",-1,"),
}
LATE = "not_grouped"  # a row of an object that ended long ago; only where the table is no longer held
LONG = "line_too_long"  # 1 MiB each, and therefore few
N_LONG = 20
COMPUTED = {"overflow_float32", "no_catalog_row", "bad_aux"}  # which --check does not compute

HEADER = "object_id,hjd,flux,flux_err,band\n"
LIGHT_CURVE = "".join(f",{2457000 + 3.1 * k},{40 + k * k % 7},0.05,V\n" for k in range(12))
# A file with one fault, given its object's id.
FILE_FAULTS = {
    "empty_file": lambda i: b"",
    "no_rows": lambda i: HEADER.encode(),
    "missing_column": lambda i: b"object_id,flux,flux_err\n1,2,3\n",
    "missing_error_column": lambda i: b"hjd,flux\n2457000,2\n",
    "ambiguous_column": lambda i: b"hjd,flux,flux,flux_err\n2457000,2,3,4\n",
    "not_text": lambda i: b"\x89PNG\r\n\x1a\n" + bytes(200),
    "bad_encoding": lambda i: HEADER.encode("utf-16"),
    "bad_compression": lambda i: gzip.compress((HEADER + LIGHT_CURVE).encode())[:-9],
    "bad_parquet": lambda i: b"PAR1" + bytes(100) + b"PAR1",
    "no_zero_point": lambda i: b"hjd,mag,mag_err\n2457000,12,0.1\n2457001,12.1,0.1\n",
    "duplicate_id": lambda i: (HEADER + LIGHT_CURVE.replace(",2457", f"{i},2457")).encode(),  # of an object in the table
}
N_FILES = 20  # with each of those faults, and twice as many with none


class Survey:
    """What was written, and what must come out: code by id of each fault, and the ids of the good ones."""

    def __init__(self, folder: pathlib.Path, n_objects: int, n_points: int) -> None:
        self.folder = folder
        self.catalog = folder / "catalog.csv"
        self.inputs = folder / "survey"
        self.inputs.mkdir()
        self.faults: list[tuple[str, str]] = []
        self.good: set[str] = set()
        with open(self.inputs / "a.csv", "wb", buffering=1 << 20) as table, open(self.catalog, "w", encoding="ascii") as catalog:
            self.write_objects(table, catalog, n_objects, n_points)
            self.write_files(catalog)

    def write_objects(self, table, catalog, n_objects: int, n_points: int) -> None:
        rng = random.Random(1)
        classes = [*ROW_FAULTS, *OBJECT_FAULTS, *CATALOG_FAULTS, LATE]
        table.write(HEADER.encode())
        catalog.write("object_id,amplitude,period,lksl_statistic,rfr_score\n")
        n_faults = n_long = 0
        for number in range(n_objects):
            name = f"s{number}"
            rows = [[name, f"{2457000 + 3.1 * i + rng.random():.5f}", f"{40 + rng.gauss(0, 2):.4f}", "0.05", "V"]
                    for i in range(n_points)]
            line = f"{name},4.5,1.5,0.4,0.9\n"
            lines = None
            code = ""
            if number % 100 == 37:
                code = classes[n_faults % len(classes)]
                n_faults += 1
                if code == LATE and number < n_objects // 2:
                    code = LONG if n_long < N_LONG else "not_a_number"
                    n_long += code == LONG
                if code in OBJECT_FAULTS:
                    rows = OBJECT_FAULTS[code](rows)
                lines = [",".join(row) for row in rows]
                at = rng.randrange(len(rows))
                if code in ROW_FAULTS:
                    lines[at] = ROW_FAULTS[code](*rows[at])
                elif code in CATALOG_FAULTS:
                    line = CATALOG_FAULTS[code](line)
                elif code == LONG:
                    lines[at] = f"{name},{'1' * (1 << 20)},2,3,V"
                elif code == LATE:
                    lines.append(f"s{number // 2},2457000,40,0.05,V")
                if code == "bad_id":
                    self.faults.append(("", code))
                else:
                    self.faults.append((f"s{number // 2}" if code == LATE else name, code))
            if code in ("", "bad_id", LATE):
                self.good.add(name)
            table.write(("\n".join(lines or [",".join(row) for row in rows]) + "\n").encode("utf-8", "surrogateescape"))
            if line:
                catalog.write(line)

    def write_files(self, catalog) -> None:
        for k in range(2 * N_FILES):
            (self.inputs / f"good{k}.csv").write_text(HEADER + LIGHT_CURVE.replace(",2457", f"good{k},2457"))
            catalog.write(f"good{k},4.5,1.5,0.4,0.9\n")
            self.good.add(f"good{k}")
        for code, content in FILE_FAULTS.items():
            for k in range(N_FILES):
                suffix = {"bad_compression": ".csv.gz", "bad_parquet": ".parquet"}.get(code, ".csv")
                name = f"s{100 * k}" if code == "duplicate_id" else f"{code}{k}"
                (self.inputs / f"z_{code}{k}{suffix}").write_bytes(content(name))
                self.faults.append((name if code == "duplicate_id" else f"z_{code}{k}", code))

    def expected(self, computed: bool) -> collections.Counter:
        return collections.Counter(code for _, code in self.faults if computed or code not in COMPUTED)


def resident_mib(pid: int) -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def watched(command: list[str]) -> tuple[dict, list[tuple[float, int]], float]:
    """Its summary, (resident MiB, file descriptors) over time, and the seconds it took."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    samples = []
    while process.poll() is None:
        try:
            samples.append((resident_mib(process.pid), len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))))
        except OSError:
            break
        time.sleep(0.05)
    out, said = process.communicate()
    if process.returncode != 3:
        raise SystemExit(f"exit code {process.returncode}: {said[-2000:]}")
    return json.loads(out), [sample for sample in samples if sample[0] > 0], time.monotonic() - begin


def judged(name: str, survey: Survey, command: list[str], computed: bool, n_objects: int) -> list[str]:
    summary, samples, seconds = watched(command)
    expected = survey.expected(computed)
    n_good = len(survey.good) + sum(survey.expected(True).values()) - sum(expected.values())
    bad = []
    if summary["rejected"] != dict(expected):
        wrong = {code for code in {*summary["rejected"], *expected} if summary["rejected"].get(code, 0) != expected[code]}
        bad.append(", ".join(f"{summary['rejected'].get(code, 0)} {code} instead of {expected[code]}" for code in sorted(wrong)))
    if summary["ok"] != n_good or summary["objects"] != n_good + sum(expected.values()):
        bad.append(f"{summary['objects']} objects, {summary['ok']} ok instead of {n_good}")
    early = max(memory for memory, _ in samples[: max(1, len(samples) // 3)])
    late = max(memory for memory, _ in samples[2 * len(samples) // 3:])
    if late > 1.1 * early + n_objects * 2 * 24 / (1 << 20):
        bad.append(f"memory grew from {early:.0f} to {late:.0f} MiB")
    files = [n for _, n in samples[len(samples) // 10: -1]]
    print(f"{name}: {summary['objects']} objects, {summary['ok']} ok, {sum(expected.values())} faults of {len(expected)} codes, "
          f"{seconds:.0f} s; resident memory {early:.1f} MiB in the first third, {late:.1f} MiB in the last; "
          f"{min(files, default=0)} to {max(files, default=0)} file descriptors; {len(bad)} violations", flush=True)
    return bad


def compared(survey: Survey, run: pathlib.Path) -> list[str]:
    """What the ids in a finished folder say."""
    found = collections.Counter()
    for part in sorted(run.glob("part-*.parquet")):
        table = pq.read_table(part, columns=["object_id", "status"])
        found.update(name for name, status in zip(table["object_id"].to_pylist(), table["status"].to_pylist()) if status == "ok")
    bad = []
    if set(found) != survey.good:
        bad.append(f"lost {sorted(survey.good - set(found))[:5]}, invented {sorted(set(found) - survey.good)[:5]}")
    if len(found) != sum(found.values()):
        bad.append(f"doubled {[name for name, n in found.items() if n > 1][:5]}")
    with open(run / "_rejects.jsonl", encoding="utf-8") as log:
        rejects = collections.Counter((reject["object_id"] or "", reject["code"]) for reject in map(json.loads, log))
    expected = collections.Counter(survey.faults)
    if rejects != expected:
        bad.append(f"not rejected {list(expected - rejects)[:5]}, rejected {list(rejects - expected)[:5]}")
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--model", default="tests/golden/tiny")
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--points", type=int, default=12)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        survey = Survey(pathlib.Path(root), a.objects, a.points)
        size = (survey.inputs / "a.csv").stat().st_size
        print(f"{a.objects} objects in a table of {size >> 20} MiB, {len(list(survey.inputs.iterdir())) - 1} files", flush=True)
        rest = ["-r", str(survey.inputs), "--unique-ids", "--json", "--quiet", "--threads", "2", "--memory", "64M"]
        bad = judged("features --check", survey, [a.astrom3, "features", *rest, "--check"], False, a.objects)
        run = pathlib.Path(root) / "run"
        bad += judged("embed", survey, [a.astrom3, "embed", "--model", a.model, "--features", str(survey.catalog), *rest,
                                        "--part-objects", "10000", "-o", f"{run}/"], True, a.objects)
        bad += compared(survey, run)
    print("".join(text + "\n" for text in bad), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
