# SPDX-License-Identifier: MIT
"""embed, classify, encode, info and inspect with spectra, metadata and checkpoints of several modalities."""

import csv
import json
import math
import os
import pathlib
import shutil
import struct
import unittest

from test_cli import TINY, CommandLine, light_curve, run, write_csv

GOLDEN = pathlib.Path(os.environ["ASTROM3_TEST_DATA"]) / "multimodal"
CLIP, FUSED = GOLDEN / "tiny_clip", GOLDEN / "tiny_fused"
SPECTRA = GOLDEN / "spectra_formats"
METADATA = GOLDEN / "preprocess_metadata"


def tensors(path):
    """name -> (shape, numbers) of a safetensors file, F32 and F64 alone."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__" or entry["dtype"] not in ("F32", "F64"):
            continue
        begin, end = entry["data_offsets"]
        letter, width = ("f", 4) if entry["dtype"] == "F32" else ("d", 8)
        out[name] = entry["shape"], struct.unpack(f"<{(end - begin) // width}{letter}", data[8 + size + begin : 8 + size + end])
    return out


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


class MultimodalInputs(CommandLine):
    """Light curves a, b, flat; spectra a, c; metadata of a, b, c, d."""

    def setUp(self):
        super().setUp()
        self.a = write_csv(self.tmp / "a.csv", light_curve(60))
        self.b = write_csv(self.tmp / "b.csv", light_curve(50))
        self.flat = write_csv(self.tmp / "flat.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        self.spectra = self.tmp / "spectra"
        self.spectra.mkdir()
        shutil.copy(SPECTRA / "spec-lamost-dr7.fits.gz", self.spectra / "a.fits.gz")
        shutil.copy(SPECTRA / "ascii_sigma.txt", self.spectra / "c.txt")
        lines = (METADATA / "catalogue.csv").read_text().splitlines()
        cells = [line.split(",", 1)[1] for line in lines]
        wanted = {"a": 1, "b": 2, "c": 12, "d": 3}  # the row of c has no w3_mag
        self.catalogue = self.tmp / "catalogue.csv"
        self.catalogue.write_text("\n".join([f"object_id,{cells[0]}"] + [f"{i},{cells[n]}" for i, n in wanted.items()]) + "\n")

    def embed(self, *args, model=CLIP, command="embed"):
        return run(command, "--model", model, *args)

    def all_three(self, out, *args, model=CLIP, command="embed"):
        return self.embed(self.a, self.b, self.flat, "--period-min", "0.5", "--spectra", self.spectra / "a.fits.gz",
                          self.spectra / "c.txt", "--metadata", self.catalogue, "--metadata-scaling", METADATA / "info.json",
                          "-o", out, *args, model=model, command=command)


class Multimodal(MultimodalInputs):
    def test_draws_come_from_a_seed_or_a_file_and_belong_to_probsparse(self):
        samples = self.tmp / "samples.safetensors"
        samples.write_bytes(b"")
        for options in (["probsparse", "--seed", 1, "--key-samples", samples], ["full", "--seed", 1],
                        ["full", "--key-samples", samples]):
            code, _, err = run("encode", CLIP / "cases.safetensors", "--model", CLIP, "-o", self.tmp / "o.safetensors",
                               "--attention", *options)
            self.assertEqual(code, 2, (options, err))
            self.assertIn(options[1], err)

    def test_one_row_an_object_with_the_modalities_that_could_be_embedded(self):
        out = self.tmp / "o.csv"
        code, _, err = self.all_three(out)
        self.assertEqual(code, 3, err)
        rows = {row["object_id"]: row for row in rows_of(out)}
        self.assertEqual(list(rows), ["a", "b", "flat", "c"])
        self.assertEqual([rows[i]["modalities"] for i in rows], ["photo;spectra;metadata", "photo;metadata", "", "spectra"])
        self.assertEqual([rows[i]["status"] for i in rows], ["ok", "ok", "mad_zero", "ok"])
        self.assertIn("metadata:missing_value", rows["c"]["flags"].split(";"))
        self.assertIn("photo:mad_zero", rows["flat"]["flags"].split(";"))
        self.assertEqual(rows["flat"]["e0"], "")
        self.assertEqual(len([name for name in rows["a"] if name.startswith("e")]), 24)
        rejects = [json.loads(line) for line in (self.tmp / "o.rejects.jsonl").read_text().splitlines()]
        self.assertEqual([(r["object_id"], r["code"], r["column"]) for r in rejects],
                         [("flat", "mad_zero", "photo"), ("c", "missing_value", "metadata")])
        meta = json.loads((self.tmp / "o.meta.json").read_text())
        self.assertEqual((meta["model_kind"], meta["attention"], meta["modalities"]), ("shared", "probsparse-exact", "photo;spectra;metadata"))
        self.assertIn("bp_rp: bp_rp", meta["metadata_columns"])

    def test_the_fused_embedding_is_the_mean_of_those_of_the_modalities(self):
        for shown in ("photo", "spectra", "metadata", "fused"):
            self.assertEqual(self.all_three(self.tmp / f"{shown}.csv", "--output", shown)[0], 3)
        vectors = {}
        for shown in ("photo", "spectra", "metadata", "fused"):
            row = rows_of(self.tmp / f"{shown}.csv")[0]
            vectors[shown] = [float(row[f"e{i}"]) for i in range(24)]
        for shown in ("photo", "spectra", "metadata"):
            self.assertAlmostEqual(math.fsum(v * v for v in vectors[shown]), 1, delta=1e-6)
        for i in range(24):
            mean = sum(vectors[shown][i] for shown in ("photo", "spectra", "metadata")) / 3
            self.assertAlmostEqual(vectors["fused"][i], mean, delta=1e-7)

    def test_parquet_has_every_embedding_and_nulls(self):
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not installed")
        self.assertEqual(self.all_three(self.tmp / "o.parquet")[0], 3)
        table = parquet.read_table(self.tmp / "o.parquet")
        self.assertEqual(table.column_names, ["object_id", "status", "flags", "modalities", "photo_embedding", "spectra_embedding",
                                              "metadata_embedding", "fused_embedding"])
        self.assertEqual([c is None for c in table["spectra_embedding"].to_pylist()], [False, True, True, False])
        self.assertEqual([c is None for c in table["fused_embedding"].to_pylist()], [False, False, True, False])
        self.assertEqual(self.all_three(self.tmp / "s.csv", "--output", "spectra")[0], 3)
        shown = rows_of(self.tmp / "s.csv")[0]
        self.assertEqual([struct.unpack("f", struct.pack("f", float(shown[f"e{i}"])))[0] for i in range(24)],
                         table["spectra_embedding"][0].as_py())

    def test_rows_are_the_same_bits_for_any_number_of_threads_and_instruction_set(self):
        outputs = []
        for i, more in enumerate((["--threads", "1"], ["--threads", "3"], ["--isa", "scalar"])):
            self.assertEqual(self.all_three(self.tmp / f"{i}.csv", *more)[0], 3)
            outputs.append((self.tmp / f"{i}.csv").read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0], outputs[2])

    def test_require_all_rejects_what_lacks_a_modality(self):
        code, _, err = self.all_three(self.tmp / "o.csv", "--require", "all")
        self.assertEqual(code, 3, err)
        self.assertEqual([(r["object_id"], r["status"]) for r in rows_of(self.tmp / "o.csv")],
                         [("a", "ok"), ("b", "missing_modality"), ("flat", "mad_zero"), ("c", "missing_value")])

    def test_modalities_may_be_chosen(self):
        code, _, err = self.all_three(self.tmp / "o.csv", "--modalities", "spectra", "metadata")
        self.assertEqual(code, 0, err)
        self.assertEqual([(r["object_id"], r["modalities"]) for r in rows_of(self.tmp / "o.csv")],
                         [("a", "spectra;metadata"), ("c", "spectra")])

    def test_pairs_join_a_light_curve_with_a_spectrum_of_another_name(self):
        pairs = self.tmp / "pairs.csv"
        pairs.write_text("object_id,spectrum\nb,c\n")
        code, _, err = self.all_three(self.tmp / "o.csv", "--pairs", pairs)
        self.assertEqual(code, 3, err)
        self.assertEqual([(r["object_id"], r["modalities"]) for r in rows_of(self.tmp / "o.csv")],
                         [("a", "photo;spectra;metadata"), ("b", "photo;spectra;metadata"), ("flat", "")])
        pairs.write_text("object_id,spectrum\nb,nowhere\n")
        self.all_three(self.tmp / "o.csv", "--pairs", pairs)
        self.assertIn("spectra:missing_modality", {r["object_id"]: r for r in rows_of(self.tmp / "o.csv")}["b"]["flags"])

    def test_of_several_spectra_none_is_taken_unless_one_is_picked(self):
        twice = self.tmp / "twice"
        twice.mkdir()
        shutil.copy(SPECTRA / "specutils.ecsv", twice / "a.ecsv")
        shutil.copy(SPECTRA / "spec-lamost-dr10.fits.gz", twice / "a.fits.gz")
        code, _, err = self.embed("--spectra", twice / "a.ecsv", twice / "a.fits.gz", "-o", self.tmp / "o.csv")
        self.assertEqual(code, 3, err)
        rows = rows_of(self.tmp / "o.csv")
        self.assertEqual([(r["object_id"], r["status"]) for r in rows], [("a", "several_spectra")])
        code, _, err = self.embed(self.a, "--period-min", "0.5", "--spectra", twice / "a.ecsv", twice / "a.fits.gz", "-o", self.tmp / "o.csv")
        self.assertEqual(code, 0, err)  # the light curve is left, in the only row of its object
        rows = rows_of(self.tmp / "o.csv")
        self.assertEqual([(r["object_id"], r["modalities"]) for r in rows], [("a", "photo")])
        self.assertIn("spectra:several_spectra", rows[0]["flags"])
        picked = {}
        for pick in ("first", "last", "best-snr"):
            code, _, err = self.embed("--spectra", twice / "a.ecsv", twice / "a.fits.gz", "-o", self.tmp / "o.csv", "--pick", pick)
            self.assertEqual(code, 0, err)
            picked[pick] = rows_of(self.tmp / "o.csv")[0]["e0"]
        self.assertNotEqual(picked["first"], picked["last"])
        self.assertEqual(picked["best-snr"], picked["last"])  # the text says no S/N

    def test_metadata_alone_give_a_row_a_row(self):
        code, _, err = self.embed("--metadata", self.catalogue, "--metadata-scaling", METADATA / "info.json", "-o", self.tmp / "o.csv")
        self.assertEqual(code, 3, err)
        self.assertEqual([(r["object_id"], r["status"]) for r in rows_of(self.tmp / "o.csv")],
                         [("a", "ok"), ("b", "ok"), ("c", "missing_value"), ("d", "ok")])
        code, _, err = self.embed("--metadata", self.catalogue, "--metadata-scaling", METADATA / "info.json", "-o", self.tmp / "o.csv",
                                  "--impute", "mean")
        self.assertEqual(code, 0, err)
        self.assertIn("metadata:imputed:w3_mag", rows_of(self.tmp / "o.csv")[2]["flags"])

    def test_ids_that_spreadsheets_take_for_formulas_are_text_where_that_is_asked_for(self):
        self.catalogue.write_text(self.catalogue.read_text().replace("\na,", "\n=a,"))
        common = ["--metadata", self.catalogue, "--metadata-scaling", METADATA / "info.json", "-o"]
        for safe, expected in (([], "=a"), (["--spreadsheet-safe"], "'=a")):
            code, _, err = self.embed(*common, self.tmp / "o.csv", *safe)
            self.assertEqual(code, 3, err)
            self.assertEqual([r["object_id"] for r in rows_of(self.tmp / "o.csv")], [expected, "b", "c", "d"])
        code, _, err = self.embed(*common, self.tmp / "o.parquet", "--spreadsheet-safe")
        self.assertEqual((code, "CSV" in err), (2, True))

    def test_a_checkpoint_of_one_modality_embeds_and_classifies_it(self):
        for model, inputs in (("tiny_spectra", ["--spectra", self.spectra / "a.fits.gz"]),
                              ("tiny_meta", ["--metadata", self.catalogue, "--metadata-scaling", METADATA / "info.json"])):
            self.assertIn(self.embed(*inputs, "-o", self.tmp / "e.csv", model=GOLDEN / model)[0], (0, 3))
            self.assertEqual(len([n for n in rows_of(self.tmp / "e.csv")[0] if n.startswith("e")]), 1184 if model == "tiny_spectra" else 16)
            self.assertIn(self.embed(*inputs, "-o", self.tmp / "c.csv", model=GOLDEN / model, command="classify")[0], (0, 3))
            row = rows_of(self.tmp / "c.csv")[0]
            self.assertAlmostEqual(sum(float(row[f"p_{i}"]) for i in range(5)), 1, delta=1e-6)

    def test_any_subset_is_classified_by_the_fused_head(self):
        code, _, err = self.all_three(self.tmp / "o.csv", model=FUSED, command="classify")
        self.assertEqual(code, 3, err)
        rows = rows_of(self.tmp / "o.csv")
        self.assertEqual([r["class"] != "" for r in rows], [True, True, False, True])
        for row in (rows[0], rows[1], rows[3]):
            p = [float(row[f"p_{i}"]) for i in range(5)]
            self.assertAlmostEqual(sum(p), 1, delta=1e-6)
            self.assertEqual(row["class"], str(p.index(max(p))))

    def test_encode_gives_the_golden_numbers(self):
        for model, names, tolerance in (("tiny_clip", ["p_emb", "s_emb", "m_emb", "logits_ps", "logits_sm", "logits_mp"], 1e-5),
                                        ("tiny_fused", ["logits"], 1e-5), ("tiny_spectra", ["logits"], 1e-5), ("tiny_meta", ["logits"], 1e-5)):
            out = self.tmp / f"{model}.safetensors"
            more = ["--attention", "full"] if model in ("tiny_clip", "tiny_fused") else []
            code, _, err = self.embed(GOLDEN / model / "cases.safetensors", "-o", out, *more, model=GOLDEN / model, command="encode")
            self.assertEqual(code, 0, err)
            found, expected = tensors(out), tensors(GOLDEN / model / "cases.safetensors")
            for name in names:
                self.assertEqual(found[name][0], expected[name][0])
                top = max(abs(v) for v in expected[name][1])
                worst = max(abs(a - b) for a, b in zip(found[name][1], expected[name][1]))
                self.assertLessEqual(worst, tolerance * top, (model, name))

    def test_full_attention_is_warned_of(self):
        _, _, err = self.embed(CLIP / "cases.safetensors", "-o", self.tmp / "o.safetensors", "--attention", "full", command="encode")
        self.assertIn("trained with probsparse", err)

    # MD02: nothing says how the columns were standardised.
    def test_metadata_without_a_scaling_are_refused(self):
        code, _, err = self.embed("--metadata", self.catalogue, "-o", self.tmp / "o.csv")
        self.assertEqual(code, 4)
        self.assertIn("info.json of the split", err)
        self.assertIn("--metadata-scaling", err)

    # MM03: a scaling of other columns.
    def test_a_scaling_of_another_number_of_columns_is_refused_naming_both(self):
        info = json.loads((METADATA / "info.json").read_text())
        for key in ("all_cols", "mean", "std"):
            del info[key][5]
        info["metadata_func"]["abs"].remove("phot_g_mean_mag")
        (self.tmp / "info.json").write_text(json.dumps(info))
        code, _, err = self.embed("--metadata", self.catalogue, "--metadata-scaling", self.tmp / "info.json", "-o", self.tmp / "o.csv")
        self.assertEqual(code, 4)
        self.assertIn("33 columns, the metadata encoder reads 34", err)

    # MM01: what the checkpoint has no encoder for.
    def test_a_modality_that_the_checkpoint_lacks_is_refused(self):
        code, _, err = self.embed(self.a, "-o", self.tmp / "o.csv", model=GOLDEN / "tiny_spectra")
        self.assertEqual(code, 2)
        self.assertIn("no encoder of photo: its kind is spectra", err)
        code, _, err = self.embed("--spectra", self.spectra / "a.fits.gz", "-o", self.tmp / "o.csv", model=TINY)
        self.assertEqual(code, 4)
        self.assertIn("photo encoder", err)
        code, _, err = self.embed("--spectra", self.spectra / "a.fits.gz", "-o", self.tmp / "o.csv", command="classify")
        self.assertEqual(code, 4)
        self.assertIn("has no head", err)

    def test_without_any_input_the_command_says_what_is_missing(self):
        code, _, err = self.embed("-o", self.tmp / "o.csv")
        self.assertEqual((code, "nothing to embed" in err), (2, True), err)
        code, _, err = self.embed("-o", self.tmp / "o.csv", model=TINY)
        self.assertEqual((code, "INPUT is required" in err), (2, True), err)

    def test_one_modality_is_searched_for_by_another(self):
        out = self.tmp / "o.parquet"
        code, _, err = self.all_three(out)
        if "Parquet" in err and code == 6:
            self.skipTest("no Parquet module")
        self.assertEqual(code, 3, err)
        code, found, err = run("search", out, "--from", "metadata", "--to", "photo", "--id", "b", "-k", 5)
        self.assertEqual(code, 0, err)
        rows = list(csv.DictReader(found.splitlines()))
        self.assertEqual(sorted(r["object_id"] for r in rows), ["a", "b"])  # its own light curve is among them
        code, _, err = run("search", out, "--from", "metadata", "--id", "b")
        self.assertEqual((code, "--from and --to go together" in err), (2, True), err)
        code, found, err = run("search", out, "--embedding", "spectra", "--all", "-k", 5)
        self.assertEqual(code, 0, err)
        self.assertEqual([(r["query"], r["object_id"]) for r in csv.DictReader(found.splitlines())], [("a", "c"), ("c", "a")])

    def test_retrieval_is_measured_in_all_directions_beside_chance(self):
        out = self.tmp / "o.parquet"
        self.assertEqual(self.all_three(out)[0], 3)
        code, said, err = run("evaluate", out, "--retrieval", "--json")
        self.assertEqual(code, 0, err)
        table = json.loads(said)["retrieval"]
        self.assertEqual([(r["from"], r["to"], r["n"]) for r in table],
                         [("photo", "spectra", 1), ("photo", "metadata", 2), ("spectra", "photo", 1), ("spectra", "metadata", 1),
                          ("metadata", "photo", 2), ("metadata", "spectra", 1)])
        self.assertEqual((table[1]["chance_1"], table[1]["chance_rank"]), (0.5, 1.5))
        self.assertEqual(run("evaluate", out)[0], 2)

    def test_a_map_has_every_embedding_in_the_colour_of_its_modality(self):
        out = self.tmp / "o.parquet"
        self.assertEqual(self.all_three(out)[0], 3)
        code, found, err = run("map", out, "--colour", "modality", "--method", "pca", "-k", 2)
        self.assertEqual(code, 0, err)
        rows = [(r["object_id"], r["modality"]) for r in csv.DictReader(found.splitlines())]
        self.assertEqual(rows, [("a", "photo"), ("b", "photo"), ("a", "spectra"), ("c", "spectra"), ("a", "metadata"), ("b", "metadata")])
        code, _, err = run("map", out, "--colour", "modality", "--method", "pca", "-k", 2, "-o", self.tmp / "map.html")
        self.assertEqual(code, 0, err)
        page = (self.tmp / "map.html").read_text()
        for modality in ("photo", "spectra", "metadata"):
            self.assertIn(f'"{modality}"', page)
        code, _, err = run("map", out, "--colour", "modality", "--embedding", "photo")
        self.assertEqual((code, "without --labels and --embedding" in err), (2, True), err)

    def test_an_output_is_no_input(self):
        code, _, err = self.embed("--spectra", self.spectra / "c.txt", "-o", self.spectra / "c.txt", "--to", "csv")
        self.assertEqual(code, 2, err)
        self.assertTrue((self.spectra / "c.txt").read_text().startswith("# wavelength"))

    def test_info_says_what_a_checkpoint_is(self):
        code, out, err = run("info", CLIP)
        self.assertEqual(code, 0, err)
        for words in ("kind        shared", "57 tensors", "spectra of 2538 to 2601 pixels", "34 columns", "24 numbers, fused by their mean",
                      "head        none", "trained with probsparse; probsparse-exact by default"):
            self.assertIn(words, out)
        code, out, _ = run("info", GOLDEN / "odd_spectra", "--json")
        said = json.loads(out)
        self.assertEqual((said["kind"], said["modalities"], said["head"], said["pixels"]), ("spectra", ["spectra"], True, [612, 615]))

    def test_inspect_says_what_a_file_of_spectra_is(self):
        code, out, _ = run("inspect", SPECTRA / "spec-lamost-dr7.fits.gz", SPECTRA / "coadd-desi.fits.gz", "--json")
        self.assertEqual(code, 0)
        said = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(s["family"], s["status"]) for s in said], [("lamost", "ok"), ("desi", "ok"), ("desi", "ok")])
        self.assertEqual(said[0]["ids"][0], "123456789")
        code, out, _ = run("inspect", GOLDEN / "preprocess_spectra/short.csv")
        self.assertEqual(code, 3)
        self.assertIn("coverage: 4003.0 to 6999.0", out)
        self.assertNotIn("spectrum", run("inspect", self.a)[1])


if __name__ == "__main__":
    unittest.main()
