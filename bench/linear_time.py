# SPDX-License-Identifier: MIT
"""Whether the time of every reader of text is linear in its input, whatever the text.

    python3 bench/linear_time.py [BUILD_DIR] [--lines N] [--only WORD]

Each pattern is written with N, 2 N, 4 N and 8 N lines (columns, keys, entries). Printed are the processor time for each
length, less that of an empty command, and the last ratio: about 2 where the time is linear, 4 where it is quadratic.
A ratio above 3 ends the program with exit code 1.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HEADER = "object_id,time,flux,flux_err\n"
ROW = "a,1,2,0.1\n"
TABLES = {  # of light curves
    "rows": lambda n: HEADER + "".join(f"a,{i},2,0.1\n" for i in range(n)),
    "rows, every id once": lambda n: HEADER + "".join(f"s{i},1,2,0.1\n" for i in range(n)),
    "rows, ids in turn": lambda n: HEADER + "".join(f"s{i % (n // 4)},{i},2,0.1\n" for i in range(n)),
    "quotes that never pair": lambda n: HEADER + 'a","b\n' * n,
    "quotes that pair over two lines": lambda n: HEADER + 'a,",b\n' * n,
    "a quote in every line": lambda n: HEADER + 'a,"1,2,0.1\n' * n,
    "a quote at the end of every line": lambda n: HEADER + 'a,1,2,"\n' * n,
    "doubled quotes": lambda n: HEADER + 'a,"""",2,""\n' * n,
    "quotes between blanks": lambda n: HEADER.replace(",", " ") + 'a " " b\n' * n,
    "one quote, then none": lambda n: HEADER + 'a,"1\n' + ROW * n,
    "one quoted field of many lines": lambda n: HEADER + 'a,"1\n' + "\n" * n,
    "blank lines in front": lambda n: "\n" * (10 * n) + HEADER + ROW,
    "blank lines among rows": lambda n: HEADER + ROW + "\n" * (10 * n) + ROW,
    "lines of blanks": lambda n: HEADER + (" " * 100 + "\n") * n + ROW,
    "comments in front": lambda n: "# c\n" * n + HEADER + ROW,
    "comments in front that name columns": lambda n: "# time flux flux_err\n" * n + HEADER + ROW,
    "long comments in front": lambda n: ("#" + "x" * 250 + "\n") * n + HEADER + ROW,
    "comments among rows": lambda n: HEADER + ROW + "# c\n" * n + ROW,
    "rows in comments": lambda n: HEADER + ROW + "# a,1,2,0.1\n" * n + ROW,
    "ids that begin with #": lambda n: HEADER + "".join(f"#{i},1,2,0.1\n" for i in range(n)),
    "the header again": lambda n: HEADER * n + ROW,
    "headers and units": lambda n: (HEADER + "-,d,mJy,mJy\n" + ROW) * n,
    "columns": lambda n: HEADER.strip() + "".join(f",c{i}" for i in range(n // 25)) + "\n" + "a,1,2,.1" + ",0" * (n // 25) + "\n",
    "columns without names": lambda n: HEADER.strip() + "," * (n // 25) + "\n",
    "columns of one name": lambda n: HEADER.strip() + ",c" * (n // 25) + "\n",
    "columns that look like bands": lambda n: HEADER.strip() + "".join(f",mag_{i}" for i in range(n // 25)) + "\n",
    "a comment with all columns in another order": lambda n: "time,flux,flux_err" + "".join(f",c{i}" for i in range(n // 40)) + "\n"
        + ("#" + "".join(f"c{i}," for i in reversed(range(n // 40))) + "time,flux,x\n") * 10,
    "separators in one line": lambda n: HEADER + "," * (4 * n) + "\n" + ROW,
    "blanks in one line": lambda n: HEADER.replace(",", " ") + " " * (4 * n) + "\n" + ROW.replace(",", " "),
    "NUL bytes": lambda n: HEADER + ROW * 20000 + "\0" * (4 * n) + "\n",
    "bytes that are not UTF-8": lambda n: HEADER + ROW * 20000 + "\udcff" * (4 * n) + "\n",
    "carriage returns": lambda n: HEADER + ROW + "\r" * (4 * n) + "\n",
    "blank lines that end with a carriage return": lambda n: ("\n" * (10 * n) + HEADER + ROW).replace("\n", "\r"),
    "lines that end with a carriage return": lambda n: (HEADER + ROW * n).replace("\n", "\r"),
    "entries of ECSV that do not close": lambda n: "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a,\n" + "# {\n" * n,
    "entries of ECSV": lambda n: "# %ECSV 1.0\n# ---\n# datatype:\n" + "# - {name: time, unit: d}\n" * n,
    "keywords of IPAC": lambda n: "\\key = 1\n" * n + "|time|flux|flux_err|\n 1 2 0.1\n",
    "headers of IPAC": lambda n: "|time|flux|flux_err|\n" * n + " 1 2 0.1\n",
    "keys of SNANA": lambda n: "SURVEY: x\n" + "KEY: 1\n" * n + "VARLIST: MJD FLUXCAL FLUXCALERR\nOBS: 1 2 0.1\n",
    "objects of SNANA": lambda n: "SURVEY: x\n" + "SNID: a\nVARLIST: MJD FLUXCAL FLUXCALERR\nOBS: 1 2 0.1\n" * n,
    "names of SALT": lambda n: "#Date :\n" * n + "#end :\n1 2\n",
    "keywords of sncosmo": lambda n: "@key value\n" * n + "time flux fluxerr\n1 2 0.1\n",
    "values that mean nothing": lambda n: HEADER + "a,99.99,99.99,99.99\n" * n,
    "bands": lambda n: "time,mag,mag_err,band\n" + "".join(f"1,12,0.1,b{i}\n" for i in range(n // 10)),
}
KEYED = {  # catalogues of features
    "rows": lambda n: "object_id,period\n" + "".join(f"s{i},1.5\n" for i in range(n)),
    "rows of one id": lambda n: "object_id,period\n" + "a,1.5\n" * n,
    "rows of one id, loosely": lambda n: "object_id,period\n" + "".join(f"{i:060d}.0,1.5\n" for i in range(n)),
    "rows that are no numbers": lambda n: "object_id,period\n" + "".join(f"s{i},x\n" for i in range(n)),
    "comments in front": lambda n: "# c\n" * n + "object_id,period\na,1.5\n",
    "blank lines": lambda n: "\n" * (10 * n) + "object_id,period\na,1.5\n",
    "quotes": lambda n: "object_id,period\n" + 'a,"1.5\n"\n' * n,
    "rows behind #": lambda n: "object_id,period\n" + "".join(f"#{i},1.5\n" for i in range(n)),
    "columns": lambda n: "object_id,period" + "".join(f",c{i}" for i in range(n // 4)) + "\na,1.5" + ",0" * (n // 4) + "\n",
}
NOTES = {  # collection.properties of HATS
    "lines": lambda n: "key=value\n" * n,
    "lines without a key": lambda n: "=\n" * n,
    "blanks": lambda n: " " * n + "\n",
}


def seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cases(astrom3, folder):
    star = folder / "star.csv"
    star.write_text(HEADER + "".join(f"a,{i},{10 + i % 7},0.1\n" for i in range(20)))
    collection = folder / "collection"
    collection.mkdir()
    table = folder / "table.csv"
    for name, text in TABLES.items():
        yield f"table: {name}", text, table, [astrom3, "inspect", table]
    for name, text in KEYED.items():
        yield f"catalogue: {name}", text, table, [astrom3, "features", star, "--features", table, "--check"]
    yield "list: names", lambda n: f"{star}\n" * n, folder / "list", [astrom3, "inspect", f"@{folder}/list"]
    yield "list: comments", lambda n: "# c\n" * n + f"{star}\n", folder / "list", [astrom3, "inspect", f"@{folder}/list"]
    for name, text in NOTES.items():
        yield f"notes of HATS: {name}", text, collection / "collection.properties", [astrom3, "inspect", "-r", collection]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    astrom3 = str((options.build / "bin" / "astrom3").resolve())
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        nothing = min(seconds([astrom3, "--version"]) for _ in range(5))
        for name, text, path, command in cases(astrom3, Path(temporary)):
            if options.only not in name:
                continue
            times = []
            for factor in (1, 2, 4, 8):
                path.write_bytes(text(options.lines * factor).encode("utf-8", "surrogateescape"))
                times.append(max(0.0, min(seconds(list(map(str, command))) for _ in range(2)) - nothing))
            ratio = times[3] / times[2] if times[2] >= 0.05 else 0.0  # shorter times say nothing
            failed = failed or ratio > 3
            shown = f"x {ratio:.1f}" if ratio else "too short to tell"
            print(f"{name:<55}" + "".join(f"{t:9.3f} s" for t in times) + f"   {shown}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
