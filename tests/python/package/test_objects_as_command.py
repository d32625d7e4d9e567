# SPDX-License-Identifier: MIT
"""Objects give the same rows, codes, flags and bits through `astrom3 embed --spectra --metadata` and in memory.

Needs the command as ASTROM3_COMMAND. In memory are what Python makes of the very files that the command reads.
"""

import json
import os
import shutil
import subprocess

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT

COMMAND = os.environ.get("ASTROM3_COMMAND")
GOLDEN = ROOT / "tests" / "golden" / "multimodal"
FORMATS = GOLDEN / "spectra_formats"
SCALING = GOLDEN / "preprocess_metadata" / "info.json"
FILES = sorted(file for file in FORMATS.iterdir() if file.suffix not in (".parquet", ".safetensors"))
BAD = sorted((GOLDEN / "preprocess_spectra").glob("*.csv"))
SPACES = ("photo", "spectra", "metadata", "fused")

pytestmark = pytest.mark.skipif(not COMMAND, reason="ASTROM3_COMMAND does not name the command")


def light_curve(n, seed):
    rng = np.random.default_rng(seed)
    time = np.sort(rng.uniform(0, 90, n)).round(5)
    return pd.DataFrame({"hjd": time, "flux": (10 + np.sin(time)).round(4), "flux_err": 0.1})


CURVES = {"a": light_curve(60, 1), "b": light_curve(40, 2), "flat": light_curve(30, 3).assign(flux=5.0)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Light curves a, b and flat; spectra of a and of c; metadata of a to d, of which c lacks a value."""
    folder = tmp_path_factory.mktemp("objects")
    for name, curve in CURVES.items():
        curve.to_csv(folder / f"{name}.csv", index=False)
    (folder / "spectra").mkdir()
    shutil.copy(FORMATS / "spec-lamost-dr7.fits.gz", folder / "spectra" / "a.fits.gz")
    shutil.copy(FORMATS / "ascii_sigma.txt", folder / "spectra" / "c.txt")
    rows = read_text(GOLDEN / "preprocess_metadata" / "catalogue.csv").iloc[[0, 1, 11, 2]]
    rows.drop(columns="asassn_name").assign(object_id=["a", "b", "c", "d"]).to_csv(
        folder / "catalogue.csv", index=False
    )
    return folder


def read_text(file):
    """Every cell as it is written."""
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def rows_of_command(folder, model, *arguments, command="embed"):
    out = folder / "rows.parquet"
    done = subprocess.run(
        [COMMAND, command, *map(str, arguments), "--model", model, "-o", out, "--quiet"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    return pq.read_table(out)


def check(expected, found):
    """Every column of the command's file."""
    table = found.to_arrow()
    assert table.column_names == expected.column_names
    for name in ("object_id", "status", "flags", "modalities"):
        assert table[name].to_pylist() == expected[name].to_pylist(), name
    for name in expected.column_names[4:]:
        assert table[name].to_pylist() == expected[name].to_pylist(), name  # bits: no number is -0 or NaN


def clip(name="tiny_clip", **options):
    return astrom3.AstroM3(GOLDEN / name, metadata_scaling=SCALING, period_min=0.5, **options)


def long_table():
    return pd.concat([curve.assign(object_id=name) for name, curve in CURVES.items()])


MORE = ("--period-min", "0.5", "--metadata-scaling", SCALING)


def test_every_family_of_spectra(folder):
    model = clip()
    expected = rows_of_command(folder, model.path, "--spectra", *FILES)
    assert set(expected["status"].to_pylist()) == {"ok"} and len(expected) == len(FILES) + 1
    check(expected, model.many(spectra=FILES))
    check(expected, model.many(spectra=map(str, FILES)))
    check(expected, model.many(spectra=astrom3.read_spectra(FILES)))
    check(expected, model.many(spectra=astrom3.read_spectra(FILES), n_threads=1))


def test_bad_spectra(folder):
    """SP01, SP02, SP03, SP04, SP05, SP06, SP07, SP08, SP09: each has its code in its row, and costs no other."""
    model = clip()
    expected = rows_of_command(folder, model.path, "--spectra", *BAD)
    index = json.loads((GOLDEN / "preprocess_spectra" / "index.json").read_text())
    assert len(expected) == len(BAD) and len(set(expected["status"].to_pylist())) > 5, index
    check(expected, model.many(spectra=BAD))
    found = model.many(spectra=astrom3.read_spectra(BAD))
    check(expected, found)
    assert all(("spectra" in text) == (code != 0) for text, code in zip(found.messages, found.code, strict=True))
    tables = {file.stem: pd.read_csv(file, float_precision="round_trip") for file in BAD}
    check(expected, model.many(spectra=tables))
    check(expected, model.many(spectra=pd.concat([table.assign(object_id=name) for name, table in tables.items()])))


OPTIONS = [
    {"coverage": "extend"},
    {"spectrum_nonfinite": "drop"},
    {"wavelengths": "air"},
    {"flux_scale": 4.0},
    {"wavelength_unit": "nm"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_of_spectra(folder, options):
    model = clip()
    arguments = [text for name, value in options.items() for text in ("--" + name.replace("_", "-"), value)]
    for files in (FILES, BAD):
        expected = rows_of_command(folder, model.path, "--spectra", *files, *arguments)
        check(expected, clip(**options).many(spectra=files))
        check(expected, model.many(spectra=files, **options))


def test_metadata(folder):
    """MD01, MD03, MD06"""
    model = clip()
    rows = read_text(GOLDEN / "preprocess_metadata" / "catalogue.csv")
    rows = pd.concat([rows, rows.iloc[[3]], rows.iloc[[4]].assign(asassn_name="far", ruwe="99999")])
    rows.to_csv(folder / "every.csv", index=False)
    expected = rows_of_command(folder, model.path, "--metadata", folder / "every.csv", *MORE)
    assert {"ok", "missing_value", "not_a_number", "sentinel", "ambiguous"} <= set(expected["status"].to_pylist())
    for same in (folder / "every.csv", rows, rows.to_dict("list"), rows.to_dict("records"), pa.Table.from_pandas(rows)):
        check(expected, model.many(metadata=same))
    imputed = rows_of_command(folder, model.path, "--metadata", folder / "every.csv", *MORE, "--impute", "mean")
    check(imputed, model.many(metadata=rows, impute="mean"))


def test_numbers_of_metadata_are_those_of_parquet(folder):
    """NaN in a frame is a missing value, as in Parquet; in text it is something that went wrong."""
    model = clip()
    rows = pd.read_csv(GOLDEN / "preprocess_metadata" / "catalogue.csv", float_precision="round_trip")
    rows["ruwe"] = rows["ruwe"].astype(np.float32)
    rows.to_parquet(folder / "every.parquet", index=False)
    expected = rows_of_command(folder, model.path, "--metadata", folder / "every.parquet", *MORE)
    assert expected["status"].to_pylist().count("missing_value") == 2
    for same in (rows, pa.Table.from_pandas(rows), {name: rows[name].to_numpy() for name in rows}):
        check(expected, model.many(metadata=same))


@pytest.mark.parametrize("options", [{}, {"require": "all"}, {"modalities": ("spectra", "metadata")}], ids=str)
def test_all_three_joined_by_id(folder, options):
    model = clip()
    arguments = [
        text for name, value in options.items() for text in (f"--{name}", *([value] if name == "require" else value))
    ]
    curves, spectra = (
        [folder / f"{name}.csv" for name in CURVES],
        [folder / "spectra" / name for name in ("a.fits.gz", "c.txt")],
    )
    joined = ("--spectra", *spectra, "--metadata", folder / "catalogue.csv", *MORE, *arguments)
    expected = rows_of_command(folder, model.path, *curves, *joined)
    assert expected["object_id"].to_pylist() == (["a", "c"] if "modalities" in options else ["a", "b", "flat", "c"])
    rows = read_text(folder / "catalogue.csv")
    for files in (spectra, astrom3.read_spectra(spectra), {"a": spectra[0], "c": astrom3.read_spectrum(spectra[1])}):
        check(expected, model.many(long_table(), spectra=files, metadata=rows, **options))


def test_classes_and_pairs(folder):
    fused = clip("tiny_fused")
    curves, spectra = (
        [folder / f"{name}.csv" for name in CURVES],
        [folder / "spectra" / name for name in ("a.fits.gz", "c.txt")],
    )
    joined = ("--spectra", *spectra, "--metadata", folder / "catalogue.csv", *MORE)
    expected = rows_of_command(folder, fused.path, *curves, *joined, command="classify")
    rows = read_text(folder / "catalogue.csv")
    found = fused.many(long_table(), spectra=spectra, metadata=rows, output="logits")
    check(expected, found)
    names, probabilities = fused.classify_many(long_table(), spectra=spectra, metadata=rows)
    assert names.tolist() == [name or "" for name in expected["class"].to_pylist()]
    assert np.array_equal(probabilities, found.probabilities, equal_nan=True)
    (folder / "pairs.csv").write_text("object_id,spectrum\nb,c\nflat,nowhere\n")
    expected = rows_of_command(folder, fused.path, *curves, *joined, "--pairs", folder / "pairs.csv")
    found = fused.many(long_table(), spectra=spectra, metadata=rows, pairs={"b": "c", "flat": "nowhere"})
    check(expected, found)
    assert "spectra:missing_modality" in found.flag_names[2] and "nowhere" in found.messages[2]["spectra"]


@pytest.mark.parametrize("pick", ["none", "first", "last", "best-snr"])
def test_several_spectra_of_one_object(folder, pick):
    model = clip()
    twice = folder / "twice"
    twice.mkdir(exist_ok=True)
    shutil.copy(FORMATS / "specutils.ecsv", twice / "a.ecsv")
    shutil.copy(FORMATS / "spec-lamost-dr10.fits.gz", twice / "a.fits.gz")
    files = [twice / "a.ecsv", twice / "a.fits.gz"]
    expected = rows_of_command(folder, model.path, folder / "a.csv", "--spectra", *files, "--pick", pick, *MORE[:2])
    curve = CURVES["a"].assign(object_id="a")
    check(expected, model.many(curve, spectra=files, pick=pick))
    found = model.many(curve, spectra=astrom3.read_spectra(files), pick=pick)
    check(expected, found)
    assert (pick == "none") == (found.modalities[0] == ("photo",))


@pytest.mark.parametrize(("name", "given"), [("tiny_spectra", "spectra"), ("tiny_meta", "metadata")])
def test_checkpoints_of_one_modality(folder, name, given):
    model = clip(name)
    spectra = [folder / "spectra" / "a.fits.gz", folder / "spectra" / "c.txt"]
    how = ("--spectra", *spectra) if given == "spectra" else ("--metadata", folder / "catalogue.csv", *MORE)
    what = {given: spectra if given == "spectra" else folder / "catalogue.csv"}
    check(rows_of_command(folder, model.path, *how), model.many(**what))
    check(rows_of_command(folder, model.path, *how, command="classify"), model.many(**what, output="logits"))
    assert (model.kind, model.modalities) == (given, (given,))


def test_tensors(folder):
    """`astrom3 encode` and `encode_modalities`."""
    from test_spectra import tensors

    for name in ("tiny_clip", "tiny_fused", "tiny_fused_concat", "tiny_spectra", "tiny_meta", "odd_spectra"):
        cases = GOLDEN / name / "cases.safetensors"
        out = folder / "out.safetensors"
        done = subprocess.run([COMMAND, "encode", cases, "--model", GOLDEN / name, "-o", out, "--quiet"], check=False)
        assert done.returncode == 0
        expected, given = tensors(out), tensors(cases)
        model = clip(name)
        words = [f"{one}{mask}" for one in ("photometry", "spectra", "metadata") for mask in ("", "_mask")]
        found = model.encode_modalities(**{word: given[word] for word in words if word in given})
        assert {key: value.tobytes() for key, value in found.items()} == {k: v.tobytes() for k, v in expected.items()}
