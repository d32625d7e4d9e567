# SPDX-License-Identifier: MIT
"""classify --prototypes: classes by likeness to labelled embeddings, with checkpoints of one and of several modalities."""

import math
import unittest

from test_cli import TINY, CommandLine, light_curve, run, write_csv
from test_multimodal import CLIP, METADATA, MultimodalInputs, rows_of


def vectors(path):
    rows = [row for row in rows_of(path) if row["e0"] != ""]
    return {row["object_id"]: [float(row[k]) for k in row if k[0] == "e" and k[1:].isdigit()] for row in rows}


def unit(v):
    length = math.sqrt(math.fsum(x * x for x in v))
    return [x / length for x in v]


class PhotoPrototypes(CommandLine):
    def setUp(self):
        super().setUp()
        self.curves = [write_csv(self.tmp / f"s{i}.csv", light_curve(40 + 3 * i)) for i in range(6)]
        self.embedded = self.tmp / "embedded.csv"
        code, _, err = run("embed", *self.curves, "--model", TINY, "--period-min", "0.5", "-o", self.embedded)
        self.assertEqual(code, 0, err)
        self.labels = self.tmp / "labels.csv"
        self.labels.write_text("object_id,class\ns0,EW\ns1,EW\ns2,RRAB\ns3,RRAB\n")

    def classify(self, *args, out="classes.csv"):
        return run(
            "classify",
            *self.curves,
            "--model",
            TINY,
            "--period-min",
            "0.5",
            "--prototypes",
            self.embedded,
            "--labels",
            self.labels,
            "-o",
            self.tmp / out,
            *args,
        )

    def test_the_nearest_centre_and_the_closest_object_are_those_of_the_formula(self):
        e = {i: unit(v) for i, v in vectors(self.embedded).items()}
        members = {"EW": ["s0", "s1"], "RRAB": ["s2", "s3"]}
        centres = {c: unit([sum(x) for x in zip(*(e[i] for i in ids))]) for c, ids in members.items()}
        for judge in ("centre", "closest"):
            code, _, err = self.classify("--judge", judge)
            self.assertEqual(code, 0, err)
            for row in rows_of(self.tmp / "classes.csv"):
                i = row["object_id"]
                for c, ids in members.items():
                    others = [
                        math.sumprod(e[i], e[k]) if hasattr(math, "sumprod") else sum(a * b for a, b in zip(e[i], e[k]))
                        for k in ids
                        if k != i
                    ]
                    expected = sum(a * b for a, b in zip(e[i], centres[c])) if judge == "centre" else max(others)
                    self.assertAlmostEqual(float(row[f"s_{c}"]), expected, delta=2e-6)
                self.assertEqual(row["class"], max(members, key=lambda c: float(row[f"s_{c}"])))

    def test_shots_depend_on_the_seed_and_the_ids_alone(self):
        found = {}
        for seed in range(8):
            code, _, err = self.classify("--shots", 1, "--seed", seed, "--judge", "closest")
            self.assertEqual(code, 0, err)
            found[seed] = (self.tmp / "classes.csv").read_bytes()
        self.assertGreater(len(set(found.values())), 1)
        self.labels.write_text("class,object_id\nRRAB,s3\nRRAB,s2\nEW,s1\nEW,s0\n")
        self.assertEqual(self.classify("--shots", 1, "--seed", 3, "--judge", "closest")[0], 0)
        self.assertEqual((self.tmp / "classes.csv").read_bytes(), found[3])
        code, _, err = self.classify("--shots", 3)
        self.assertEqual((code, "class EW has 2 labelled embeddings, 3 needed" in err), (5, True), err)

    def test_what_does_not_go_together_is_refused(self):
        code, _, err = run("classify", self.curves[0], "--model", TINY, "--judge", "closest", "-o", self.tmp / "c.csv")
        self.assertEqual((code, "go with --prototypes" in err), (2, True), err)
        code, _, err = run(
            "classify", self.curves[0], "--model", TINY, "--prototypes", self.embedded, "-o", self.tmp / "c.csv"
        )
        self.assertEqual((code, "needs --labels" in err), (2, True), err)
        code, _, err = self.classify("--attention", "probsparse-exact")
        self.assertEqual((code, "attention is" in err), (4, True), err)


class MultimodalPrototypes(MultimodalInputs):
    def test_any_subset_is_judged_in_the_shared_space(self):
        embedded = self.tmp / "embedded.parquet"
        code, _, err = self.all_three(embedded)
        if code == 6 and "Parquet" in err:
            self.skipTest("no Parquet module")
        self.assertEqual(code, 3, err)
        labels = self.tmp / "labels.csv"
        labels.write_text("object_id,class\na,X\nb,Y\nc,Y\n")
        fused = {}
        for kind in ("fused", "metadata"):
            self.assertEqual(self.all_three(self.tmp / f"{kind}.csv", "--output", kind)[0], 3)
            fused[kind] = vectors(self.tmp / f"{kind}.csv")
        code, _, err = self.all_three(
            self.tmp / "o.csv", "--prototypes", embedded, "--labels", labels, command="classify"
        )
        self.assertEqual(code, 3, err)
        e = fused["fused"]
        centres = {
            "X": unit(e["a"]),
            "Y": unit([x + y for x, y in zip(e["b"], e["c"])]),
        }  # means as they are, not at unit length
        for row in rows_of(self.tmp / "o.csv"):
            if row["object_id"] == "flat":
                self.assertEqual((row["class"], row["s_X"]), ("", ""))
                continue
            for c, centre in centres.items():
                self.assertAlmostEqual(
                    float(row[f"s_{c}"]), sum(x * y for x, y in zip(e[row["object_id"]], centre)), delta=2e-6
                )
        # Metadata alone, by the centres of metadata.
        code, _, err = run(
            "classify",
            "--model",
            CLIP,
            "--metadata",
            self.catalogue,
            "--metadata-scaling",
            METADATA / "info.json",
            "--embedding",
            "metadata",
            "--prototypes",
            embedded,
            "--labels",
            labels,
            "-o",
            self.tmp / "m.csv",
        )
        self.assertEqual(code, 3, err)
        m = fused["metadata"]
        row = {r["object_id"]: r for r in rows_of(self.tmp / "m.csv")}["d"]
        self.assertEqual(row["modalities"], "metadata")
        self.assertEqual(sorted(k for k in row if k.startswith("s_")), ["s_X", "s_Y"])
        for r in rows_of(self.tmp / "m.csv")[:2]:
            self.assertAlmostEqual(
                float(r["s_X"]), sum(x * y for x, y in zip(m[r["object_id"]], unit(m["a"]))), delta=2e-6
            )


if __name__ == "__main__":
    unittest.main()
