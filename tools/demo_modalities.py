#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The simulated stars of three modalities through models/simulated: which star's spectrum is it? The end of `make demo`.
"""tools/demo_modalities.py ASTROM3 OUT_DIR"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STARS = ROOT / "examples" / "three_modalities"
MODEL = ROOT / "models" / "simulated"
NAMES = {"photo": "light curve", "spectra": "spectrum", "metadata": "catalogue row"}


def embedding_arguments(out):
    """Of `astrom3 embed`: every star by all three."""
    return ["embed", *sorted((STARS / "light_curves").glob("*.csv")), "--band", "V", "--spectra",
            *sorted((STARS / "spectra").glob("*.csv")), "--metadata", STARS / "catalogue.csv", "--model", MODEL, "--quiet", "-o", out]


def find_each_other(astrom3, out_dir):
    """Embeds the stars and returns what `astrom3 evaluate --retrieval` says of them."""
    embeddings = pathlib.Path(out_dir) / "three_modalities.parquet"
    subprocess.run([astrom3, *embedding_arguments(embeddings)], check=True)
    said = subprocess.run([astrom3, "evaluate", embeddings, "--retrieval", "--json"], check=True, stdout=subprocess.PIPE)
    return json.loads(said.stdout)["retrieval"]


def lines(found):
    n = found[0]["n"]
    yield f"Three modalities of {n} other simulated stars in one space, by models/simulated: a small checkpoint that learnt with"
    yield "`train --objective clip` from simulated stars alone. Of one modality of a star, is the star itself found in another?"
    yield f"  {'from':<14} {'to':<14} {'the first':>9} {'by chance':>9} {'of the first 5':>14} {'by chance':>9}"
    for direction in found:
        counts = [round(n * direction[key], 1) for key in ("recall_1", "chance_1", "recall_5", "chance_5")]
        yield "  {:<14} {:<14} {:>9g} {:>9g} {:>14g} {:>9g}".format(NAMES[direction["from"]], NAMES[direction["to"]], *counts)


def has_parquet(astrom3):
    return any((pathlib.Path(astrom3).resolve().parent.parent / "lib").glob("astrom3_parquet.*"))


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    if not has_parquet(sys.argv[1]):
        print("Three modalities: left out, for this build is without Parquet.")
        return 0
    print("\n".join(lines(find_each_other(*sys.argv[1:]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
