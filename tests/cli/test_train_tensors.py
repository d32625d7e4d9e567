# SPDX-License-Identifier: MIT
"""astrom3 train --tensors: folders of preprocess, and tables as those of AstroM3Processed. Run with ASTROM3_CLI set."""

import json
import math
import shutil
import signal
import struct
import subprocess
import time
import unittest

from test_cli import CLI, read_table, run
from test_modality_tensors import array
from test_multimodal import tensors
from test_train import sha256
from test_train_modalities import COLUMNS, SHARED, N, TwoKindsOfStars

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    pa = None

LENGTH = 40  # steps of the encoder: more than any light curve has, so that none is cropped
STEPS = 30
# What a training writes that does not say where it came from.
WRITTEN = (
    "model.safetensors",
    "config.json",
    "preprocessor_config.json",
    "metrics.csv",
    "objects.csv",
    "rejects.jsonl",
)


def write_array(path, shape, numbers):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode().ljust(117) + b"\n"
    path.write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + struct.pack(f"<{len(numbers)}f", *numbers)
    )


class Tensors(TwoKindsOfStars):
    def setUp(self):
        super().setUp()
        self.config.write_text(json.dumps({**SHARED, "seq_len": LENGTH}))
        # A checkpoint with the scaling of its training objects, as which everything here is standardised.
        self.first = self.tmp / "first"
        code, _, err = self.train(self.first, *self.all_three(), "--objective", "clip", "--config", self.config,
                                  "--epochs", 1)  # fmt: skip
        self.assertEqual(code, 0, err)
        self.scaling = self.first / "preprocessor_config.json"
        self.folder = self.tmp / "tensors"
        code, _, err = run("preprocess", *self.all_three()[:-2], "--model", self.first, "-o", self.folder)
        self.assertEqual(code, 0, err)

    def raw(self):
        """The files, with the scaling of the tensors."""
        return [*self.all_three()[:-2], "--scaling", self.scaling, "--metadata-scaling", self.scaling]

    def assert_same(self, one, other, names=WRITTEN):
        for name in names:
            self.assertEqual((one / name).exists(), (other / name).exists(), name)
            if (one / name).exists():
                self.assertEqual(sha256(one / name), sha256(other / name), name)


class Folders(Tensors):
    def test_clip_on_tensors_is_clip_on_the_files_to_the_bit(self):
        how = ["--objective", "clip", "--config", self.config, "--noise", "0.5", "--drop", "0.3", "--time-shift", "0.1",
               "--error-scale", "2"]  # fmt: skip
        code, raw, err = self.train(self.tmp / "raw", *self.raw(), *how)
        self.assertEqual(code, 0, err)
        code, facts, err = self.train(self.out, "--tensors", self.folder, *how)
        self.assertEqual(code, 0, err)
        self.assertNotIn("cropped", err)
        self.assert_same(self.tmp / "raw", self.out)
        self.assertEqual({**raw, "output": facts["output"]}, facts)

    def test_so_is_every_classifier(self):
        for name, inputs in (
            ("photo", [*self.photo(), "--scaling", self.scaling]),
            ("spectra", ["--spectra", *self.spectra]),
            ("metadata", ["--metadata", self.metadata, "--metadata-scaling", self.scaling]),
            ("all", self.raw()),
        ):
            with self.subTest(name):
                how = ["--modality", name, "--labels", self.labels, "--from", self.first]
                code, raw, err = self.train(self.tmp / f"raw_{name}", *inputs, *how)
                self.assertEqual(code, 0, err)
                out = self.tmp / f"of_tensors_{name}"
                code, facts, err = self.train(out, "--tensors", self.folder, *how)
                self.assertEqual(code, 0, err)
                self.assert_same(self.tmp / f"raw_{name}", out, (*WRITTEN, "report.json"))
                self.assertEqual({**raw, "output": facts["output"]}, facts)

    def test_light_curves_alone_come_from_a_folder_of_theirs(self):
        curves = self.tmp / "curves"
        code, _, err = run("preprocess", *self.photo(), "--model", self.first, "-o", curves)
        self.assertEqual(code, 0, err)
        scaling = json.loads((curves / "scaling.json").read_text())
        self.assertEqual(scaling["features"], json.loads(self.scaling.read_text())["features"])
        how = ["--labels", self.labels, "--from", self.first, "--head", "pooled", "--refit-head", "--out-of-class",
               "--calibration", "temperature"]  # fmt: skip
        code, _, err = self.train(self.tmp / "raw", *self.photo(), "--scaling", self.scaling, *how)
        self.assertEqual(code, 0, err)
        code, _, err = self.train(self.out, "--tensors", curves, *how)
        self.assertEqual(code, 0, err)
        self.assert_same(self.tmp / "raw", self.out, (*WRITTEN, "report.json"))

    def test_two_of_three_are_chosen(self):
        how = ["--objective", "clip", "--config", self.config]
        inputs = ["--spectra", *self.spectra, "--metadata", self.metadata, "--metadata-scaling", self.scaling]
        self.assertEqual(self.train(self.tmp / "raw", *inputs, *how)[0], 0)
        code, _, err = self.train(self.out, "--tensors", self.folder, "--modalities", "spectra", "metadata", *how)
        self.assertEqual(code, 0, err)
        self.assert_same(self.tmp / "raw", self.out)

    def test_several_folders_are_one_input(self):
        how = ["--modality", "metadata", "--labels", self.labels]
        half = [self.tmp / "half0", self.tmp / "half1"]
        lines = self.metadata.read_text().splitlines(keepends=True)
        for k, folder in enumerate(half):
            table = self.tmp / f"half{k}.csv"
            table.write_text("".join([lines[0], *lines[1 + k * N // 2 : 1 + (k + 1) * N // 2]]))
            code, _, err = run("preprocess", "--metadata", table, "--model", self.first, "-o", folder)
            self.assertEqual(code, 0, err)
        self.assertEqual(self.train(self.tmp / "whole", "--tensors", self.folder, *how)[0], 0)
        code, _, err = self.train(self.out, "--tensors", *half, *how)
        self.assertEqual(code, 0, err)
        self.assert_same(self.tmp / "whole", self.out)
        code, _, err = self.train(self.tmp / "mixed", "--tensors", self.folder, half[0], *how)
        self.assertEqual(code, 5, err)
        self.assertIn("holds metadata of 3 columns", err)

    def test_what_was_not_preprocessed_is_left_out_and_listed(self):
        flat = self.tmp / "spectra" / "s0.csv"
        flat.write_text("wavelength,flux,ivar\n" + "".join(f"{w},1,1\n" for w in range(3840, 9010, 10)))
        lines = self.metadata.read_text().splitlines()
        lines[2] = "s1,,3,13"
        self.metadata.write_text("\n".join(line for line in lines if not line.startswith("s2,")) + "\n")
        self.labels.write_text("".join(l for l in self.labels.read_text().splitlines(True) if not l.startswith("s3,")))
        shutil.rmtree(self.folder)
        code, _, err = run("preprocess", *self.all_three()[:-2], "--model", self.first, "-o", self.folder)
        self.assertEqual(code, 0, err)
        how = ["--modality", "all", "--labels", self.labels, "--config", self.config]
        code, raw, err = self.train(self.tmp / "raw", *self.raw(), *how)
        self.assertEqual(code, 3, err)
        code, facts, err = self.train(self.out, "--tensors", self.folder, *how)
        self.assertEqual(code, 3, err)
        self.assertEqual({**raw, "output": facts["output"]}, facts)
        self.assert_same(self.tmp / "raw", self.out, ("model.safetensors", "objects.csv", "report.json"))

        def codes(out):
            return {
                r["object_id"]: r["code"] for r in map(json.loads, (out / "rejects.jsonl").read_text().splitlines())
            }

        self.assertEqual(codes(self.out), codes(self.tmp / "raw"))
        self.assertEqual(
            codes(self.out),
            {"s0": "no_variation", "s1": "missing_value", "s2": "missing_modality", "s3": "no_catalog_row"},
        )

    def test_a_killed_training_goes_on_to_the_same_bytes(self):
        other, base = self.killed_and_resumed("--tensors", self.folder)
        self.assert_same(self.out, other)
        # Other tensors are another training.
        shape, numbers = array(self.folder / "metadata.npy")
        write_array(self.folder / "metadata.npy", shape, (numbers[0] + 1, *numbers[1:]))
        code, _, err = run(*base, "--resume")
        self.assertEqual(code, 6)
        self.assertIn("tensors", err)

    def test_cropped_light_curves_are_told(self):
        self.config.write_text(json.dumps(SHARED))  # 16 steps, 30 observations
        short = self.tmp / "short"
        inputs = [*self.all_three(), "--objective", "clip", "--config", self.config, "--epochs", "1"]
        self.assertEqual(self.train(short, *inputs)[0], 0)
        folder = self.tmp / "cropped"
        code, _, err = run("preprocess", *self.all_three()[:-2], "--model", short, "-o", folder)
        self.assertEqual(code, 0, err)
        how = ["--objective", "clip", "--config", self.config]
        code, _, err = self.train(self.out, "--tensors", folder, *how)
        self.assertEqual(code, 0, err)
        self.assertIn(f"{N} light curves were cropped to 16 observations", err)
        scaling = short / "preprocessor_config.json"
        raw = [*self.all_three()[:-2], "--scaling", scaling, "--metadata-scaling", scaling, "--no-crop"]
        self.assertEqual(self.train(self.tmp / "raw", *raw, *how)[0], 0)
        self.assert_same(self.tmp / "raw", self.out)

    def test_what_tensors_cannot_give_is_refused_by_name(self):
        tensors, labels = ["--tensors", self.folder], ["--labels", self.labels]
        clip = ["--objective", "clip", "--config", self.config]
        for more, words in (
            ([*tensors, *clip, "--copies", "2"], "--copies"),
            ([*tensors, *clip, "--copy-noise", "2"], "--copy-noise"),
            ([*tensors, *clip, *self.curves], "in the place of light curves"),
            ([*tensors, *clip, "--spectra", *self.spectra], "--spectra"),
            ([*tensors, *clip, "--set", "period=1"], "--set"),
            ([*tensors, *clip, "--period-min", "1"], "--period-min"),
            ([*tensors, *clip, "--nonfinite", "drop"], "--nonfinite"),
            ([*tensors, *clip, "--metadata-columns", COLUMNS], "--metadata-columns"),
            ([*tensors, *clip, "--coverage", "extend"], "--coverage"),
            ([*tensors, *clip, "--scaling", "fit"], "--scaling fit"),
            ([*tensors, *clip, "--modalities", "photo"], "two of the three"),
            ([*tensors, *clip, "--modalities", "colour"], "colour"),
            ([*tensors, "--modality", "spectra"], "--labels is needed"),
            ([*tensors, *labels, "--modality", "photo", "--modalities", "spectra"], "--tensors with photo"),
        ):
            with self.subTest(words):
                code, _, err = self.train(self.out, *more)
                self.assertEqual(code, 2, err)
                self.assertIn(words, err)
                self.assertFalse((self.out / "run.json").exists())

    def test_another_scaling_is_refused_and_none_is_asked_for(self):
        how = ["--tensors", self.folder, "--objective", "clip", "--config", self.config]
        code, _, err = self.train(self.out, *how, "--scaling", "published")
        self.assertEqual(code, 4, err)
        self.assertIn("--scaling published", err)
        other = json.loads(self.scaling.read_text())
        other["metadata"]["mean"][0] += 1
        file = self.tmp / "other.json"
        file.write_text(json.dumps(other))
        code, _, err = self.train(self.out, *how, "--metadata-scaling", file)
        self.assertEqual(code, 4, err)
        self.assertIn("other numbers", err)
        (self.folder / "scaling.json").unlink()
        code, _, err = self.train(self.out, *how, "--metadata-scaling", self.scaling)
        self.assertEqual(code, 4, err)
        self.assertIn("hint: name it with --scaling", err)
        code, _, err = self.train(self.out, *how, "--scaling", self.scaling)
        self.assertEqual(code, 4, err)
        self.assertIn("--metadata-scaling", err)
        code, _, err = self.train(self.out, *how, "--scaling", self.scaling, "--metadata-scaling", self.scaling)
        self.assertEqual(code, 0, err)
        self.assertEqual(sha256(self.out / "preprocessor_config.json"), sha256(self.scaling))

    def test_arrays_that_do_not_fit_are_refused_by_name(self):
        how = ["--tensors", self.folder, "--objective", "clip", "--config", self.config]
        whole = {path.name: path.read_bytes() for path in self.folder.iterdir()}

        def refused(words, code=5):
            found, _, err = self.train(self.out, *how, "--force")
            self.assertEqual(found, code, err)
            self.assertIn(words, err)
            for name, data in whole.items():
                (self.folder / name).write_bytes(data)

        shape, mask = array(self.folder / "mask.npy")
        write_array(self.folder / "mask.npy", shape, (0.0, *mask[1:]))
        refused("its mask is not ones and then zeros")
        shape, x_enc = array(self.folder / "x_enc.npy")
        write_array(self.folder / "x_enc.npy", shape, (*x_enc[: 9 * LENGTH - 1], 1.0, *x_enc[9 * LENGTH :]))
        refused("rows of padding are not zeros")
        write_array(self.folder / "x_enc.npy", shape, (*x_enc[:12], x_enc[12] + 1, *x_enc[13:]))
        refused("channels 3 to 8 differ")
        write_array(self.folder / "x_enc.npy", shape, (float("nan"), *x_enc[1:]))
        refused("not finite")
        (self.folder / "objects.csv").write_bytes(whole["objects.csv"] + b"more,ok,,photo;spectra;metadata\n")
        refused("is of 24 objects, objects.csv has 25")
        (self.folder / "mask.npy").unlink()
        refused("mask.npy")
        self.config.write_text(json.dumps(SHARED))
        refused("light curves of 40 steps, the encoder reads 16")
        (self.folder / "objects.csv").unlink()
        found, _, err = self.train(self.out, *how)
        self.assertEqual(found, 5, err)
        self.assertIn("neither objects.csv", err)

    def test_the_folder_is_no_output(self):
        how = ["--tensors", self.folder, "--objective", "clip", "--config", self.config]
        code, _, err = run("train", *how, "-o", self.folder, "--force")
        self.assertEqual(code, 2, err)
        self.assertIn("objects.csv", err)


@unittest.skipIf(pa is None, "pyarrow is not here")
class Tables(Tensors):
    """The same tensors as a dataset of Hugging Face holds them: without ids, light curves without padding."""

    def setUp(self):
        super().setUp()
        self.tables = self.tmp / "full_42"
        self.tables.mkdir()
        self.ids = [row["object_id"] for row in read_table(self.folder / "objects.csv")]
        self.arrays = {name: array(self.folder / f"{name}.npy")[1] for name in ("x_enc", "mask", "spectra", "metadata")}
        self.classes = {row["object_id"]: row["class"] for row in read_table(self.labels)}
        self.part = {row["object_id"]: row["class"] for row in read_table(self.split)}

    def columns(self, wanted, *, ids=False, labels=True):
        def rows(name, i, width, n):
            return [list(self.arrays[name][(i * n + k) * width : (i * n + k + 1) * width]) for k in range(n)]

        lists = pa.list_(pa.list_(pa.float32()))
        places = [self.ids.index(i) for i in wanted]
        table = {
            "photometry": pa.array([rows("x_enc", i, 9, LENGTH)[:STEPS] for i in places], lists),
            "spectra": pa.array([rows("spectra", i, 2575, 3) for i in places], lists),
            "metadata": pa.array([rows("metadata", i, 3, 1)[0] for i in places], pa.list_(pa.float32())),
        }
        if labels:
            table["label"] = pa.array(["AB".index(self.classes[i]) for i in wanted], pa.int64())
        if ids:
            table["object_id"] = pa.array(wanted)
        names = {"info": {"features": {"label": {"names": ["A", "B"], "_type": "ClassLabel"}}}}
        return pa.table(table).replace_schema_metadata({"huggingface": json.dumps(names)} if labels else None)

    def of_split(self, part):
        return [i for i in self.ids if self.part[i] == part]

    def scalings(self):
        return ["--scaling", self.scaling, "--metadata-scaling", self.scaling]

    def test_tables_with_ids_give_the_bits_of_the_folder(self):
        table = self.tmp / "stars.parquet"
        pq.write_table(self.columns(self.ids, ids=True), table, row_group_size=7)
        for name, how in (
            ("clip", ["--objective", "clip", "--config", self.config, "--noise", "0.5", "--drop", "0.2"]),
            ("all", ["--modality", "all", "--from", self.first]),
            ("photo", ["--modality", "photo", "--from", self.first]),
        ):
            with self.subTest(name):
                labels = [] if name == "clip" else ["--labels", self.labels]
                self.assertEqual(self.train(self.tmp / f"folder_{name}", "--tensors", self.folder, *labels, *how)[0], 0)
                out = self.tmp / f"table_{name}"
                code, _, err = self.train(out, "--tensors", table, *how, *self.scalings())
                self.assertEqual(code, 0, err)
                if name != "clip":
                    self.assert_same(self.tmp / f"folder_{name}", out, (*WRITTEN, "report.json"))
                self.assertEqual(
                    sha256(self.tmp / f"folder_{name}" / "model.safetensors"), sha256(out / "model.safetensors")
                )

    def test_encode_reads_the_table_as_the_folder(self):
        table = self.columns(self.ids, ids=True)
        pq.write_table(table, self.tmp / "stars.parquet", row_group_size=5)
        for source, out in ((self.folder, "folder"), (self.tmp / "stars.parquet", "table")):
            code, _, err = run("encode", source, "--model", self.first, "-o", self.tmp / f"{out}.safetensors")
            self.assertEqual(code, 0, err)
        self.assertEqual(sha256(self.tmp / "folder.safetensors"), sha256(self.tmp / "table.safetensors"))
        gone = pa.array([None, *table.column("metadata").to_pylist()[1:]], pa.list_(pa.float32()))
        place = table.schema.get_field_index("metadata")
        pq.write_table(table.set_column(place, "metadata", gone), self.tmp / "stars.parquet")
        code, _, err = run(
            "encode", self.tmp / "stars.parquet", "--model", self.first, "-o", self.tmp / "gone.safetensors"
        )
        self.assertEqual(code, 0, err)
        whole, some = (tensors(self.tmp / f"{name}.safetensors") for name in ("table", "gone"))
        width = whole["m_emb"][0][1]
        self.assertTrue(all(map(math.isnan, some["m_emb"][1][:width])))
        self.assertEqual(some["m_emb"][1][width:], whole["m_emb"][1][width:])
        self.assertEqual(some["s_emb"], whole["s_emb"])
        pq.write_table(table.select(["object_id", "label"]), self.tmp / "stars.parquet")
        code, _, err = run(
            "encode", self.tmp / "stars.parquet", "--model", self.first, "-o", self.tmp / "o.safetensors"
        )
        self.assertEqual((code, "nothing that a checkpoint of kind shared encodes" in err), (5, True), err)

    def test_names_of_files_say_the_split_and_places_are_ids(self):
        train = self.of_split("train")
        pq.write_table(self.columns(train[:9]), self.tables / "train-00000-of-00002.parquet")
        pq.write_table(self.columns(train[9:]), self.tables / "train-00001-of-00002.parquet")
        pq.write_table(self.columns(self.of_split("validation")), self.tables / "validation-00000-of-00001.parquet")
        pq.write_table(self.columns(self.of_split("test")), self.tables / "test-00000-of-00001.parquet")
        code, text, err = run("train", "--tensors", self.tables, "--modality", "metadata", *self.scalings()[2:], "-o",
                              self.out, "--json", "--epochs", "20", "--batch-size", "8", "--lr", "0.01")  # fmt: skip
        self.assertEqual(code, 0, err)
        facts = json.loads(text)
        self.assertEqual((facts["train"], facts["validation"], facts["test"]), (16, 4, 4))
        self.assertEqual(facts["test_accuracy"], 1)
        objects = read_table(self.out / "objects.csv")
        self.assertEqual(
            {row["object_id"] for row in objects if row["split"] == "train"}, {f"train/{i}" for i in range(16)}
        )
        self.assertEqual([row["class"] for row in objects if row["split"] == "train"], [self.classes[i] for i in train])
        # The same with a folder for each part, as Hugging Face converts data sets.
        for path in sorted(self.tables.iterdir()):
            part, number = path.stem.split("-")[:2]
            (self.tmp / "converted" / part).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, self.tmp / "converted" / part / f"{number[1:]}.parquet")
        code, _, err = run("train", "--tensors", self.tmp / "converted", "--modality", "metadata", *self.scalings()[2:],
                           "-o", self.tmp / "of_folders", "--json", "--epochs", "20", "--batch-size", "8",
                           "--lr", "0.01")  # fmt: skip
        self.assertEqual(code, 0, err)
        self.assertEqual(sha256(self.tmp / "of_folders" / "model.safetensors"), sha256(self.out / "model.safetensors"))
        # What --split says comes before the names of the files.
        self.split.write_text("object_id,class\ntrain/0,test\n")
        code, facts, err = self.train(self.tmp / "moved", "--tensors", self.tables, "--modality", "metadata",
                                      *self.scalings()[2:])  # fmt: skip
        self.assertEqual((code, facts["train"], facts["test"]), (0, 15, 5), err)
        # The checkpoint embeds raw files.
        code, _, err = run("classify", "--metadata", self.metadata, "--model", self.out, "-o", self.tmp / "c.csv")
        self.assertEqual(code, 0, err)
        self.assertEqual([row["class"] for row in read_table(self.tmp / "c.csv")], list("AB") * (N // 2))

    def test_labels_are_names_or_numbers_of_classes(self):
        table = self.columns(self.ids, ids=True, labels=False)
        path = self.tmp / "stars.parquet"
        how = ["--tensors", path, "--modality", "metadata", *self.scalings()[2:]]

        def classes(labels, metadata=None):
            pq.write_table(table.append_column("label", labels).replace_schema_metadata(metadata), path)
            code, _, err = self.train(self.out, *how, "--force")
            return code, err or json.loads((self.out / "config.json").read_text())["class_names"]

        self.assertEqual(classes(pa.array(["EA", "M"] * (N // 2)))[0], 0)
        self.assertEqual(json.loads((self.out / "config.json").read_text())["class_names"], ["EA", "M"])
        self.assertEqual(classes(pa.array([1, 5] * (N // 2)))[0], 0)  # of the ten published classes
        self.assertEqual(json.loads((self.out / "config.json").read_text())["class_names"], ["EA", "M"])
        code, err = classes(pa.array([1, 10] * (N // 2)))
        self.assertEqual(code, 5)
        self.assertIn("row 2: 10 is none of the 10 classes", err)
        code, err = classes(pa.array([1, None, 5, -1] * (N // 4)))
        self.assertEqual(code, 0, err)
        rejects = [json.loads(line) for line in (self.out / "rejects.jsonl").read_text().splitlines()]
        self.assertEqual({(r["object_id"], r["code"]) for r in rejects if r["object_id"] in ("s1", "s3")},
                         {("s1", "no_catalog_row"), ("s3", "no_catalog_row")})  # fmt: skip
        self.assertEqual(len(rejects), N // 2)

    def test_what_cannot_be_read_is_refused_by_name(self):
        path = self.tmp / "stars.parquet"
        table = self.columns(self.ids, ids=True)
        how = ["--tensors", path, "--objective", "clip", "--config", self.config, *self.scalings()]

        def refused(changed, words, code=5, more=()):
            pq.write_table(changed, path)
            found, _, err = self.train(self.out, *how, *more, "--force")
            self.assertEqual(found, code, err)
            self.assertIn(words, err)

        dicts = pa.array([{"meta_cols": {"parallax": 1.0}, "photo_cols": {"period": 1.0}}] * N)
        place = table.schema.get_field_index("metadata")
        refused(table.set_column(place, "metadata", dicts), "an older layout of AstroM3Processed")
        metadata = table.column("metadata").to_pylist()
        bad = pa.array([[float("nan"), *metadata[0][1:]], *metadata[1:]], pa.list_(pa.float32()))
        refused(table.set_column(place, "metadata", bad), "row 1: number 0 is nan")
        gone = pa.array([None, *metadata[1:]], pa.list_(pa.float32()))
        refused(table.set_column(place, "metadata", gone), "metadata is null", code=3)
        rejects = [json.loads(line) for line in (self.out / "rejects.jsonl").read_text().splitlines()]
        self.assertEqual([(r["object_id"], r["code"]) for r in rejects], [("s0", "missing_modality")])
        curves = table.column("photometry").to_pylist()
        curves[0][1][8] += 1
        changed = table.set_column(0, "photometry", pa.array(curves, pa.list_(pa.list_(pa.float32()))))
        refused(changed, "channels 3 to 8 differ")
        refused(table.drop_columns(["spectra", "metadata"]), "the tensors hold fewer", code=2)
        # Nothing says what three columns are.
        pq.write_table(table, path)
        code, _, err = self.train(self.out, *how[:-2], "--force")
        self.assertEqual(code, 4, err)
        self.assertIn("metadata of 3 columns; the published ones are 34", err)
        code, _, err = self.train(self.out, "--tensors", path, self.folder, *how[2:])
        self.assertEqual(code, 5, err)
        self.assertIn("folders of arrays and tables", err)


if __name__ == "__main__":
    unittest.main()
