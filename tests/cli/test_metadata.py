# SPDX-License-Identifier: MIT
"""astrom3 metadata: exports of catalogues become the table that embed takes."""

import csv
import json
import os
import pathlib
import unittest

from test_cli import CommandLine, run

GOLDEN = pathlib.Path(os.environ["ASTROM3_TEST_DATA"]) / "multimodal"
METADATA = GOLDEN / "preprocess_metadata"
TWOMASS = {
    "j_mag": "j_m",
    "e_j_mag": "j_msigcom",
    "h_mag": "h_m",
    "e_h_mag": "h_msigcom",
    "k_mag": "k_m",
    "e_k_mag": "k_msigcom",
}
ALLWISE = {
    "w1_mag": "w1mpro",
    "e_w1_mag": "w1sigmpro",
    "w2_mag": "w2mpro",
    "e_w2_mag": "w2sigmpro",
    "w3_mag": "w3mpro",
    "w4_mag": "w4mpro",
}


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


class Metadata(CommandLine):
    def setUp(self):
        super().setUp()
        whole = rows_of(METADATA / "catalogue.csv")[:12]
        colours = ("j_k", "w1_w2", "w3_w4")  # from the magnitudes
        gaia, tmass, wise = [], [], []
        for i, row in enumerate(whole):
            there = {"source_id": str(5853498713190525000 + i), "2MASS": f"16575{i:03d}-2129187"}
            gaia.append(
                {"object_id": row["asassn_name"], **there}
                | {k: v for k, v in row.items() if k not in TWOMASS | ALLWISE and k not in colours}
            )
            tmass.append({"designation": there["2MASS"]} | {TWOMASS[k]: row[k] for k in TWOMASS})
            wise.append(
                {"designation": f"J165750.{i:02d}-212918.9", "source_id": f"Gaia DR3 {there['source_id']}"}
                | {ALLWISE[k]: row[k] for k in ALLWISE}
            )
        self.tables = [
            write(self.tmp / "gaia.csv", gaia),
            write(self.tmp / "tmass.csv", tmass[::-1]),
            write(self.tmp / "wise.csv", wise),
        ]
        self.gaia, self.tmass, self.wise = gaia, tmass, wise
        self.whole = write(self.tmp / "whole.csv", [{k: v for k, v in row.items() if k not in colours} for row in whole])

    def embed(self, table, out, *more):
        return run(
            "embed",
            "--model",
            GOLDEN / "tiny_clip",
            "--metadata",
            table,
            "--metadata-scaling",
            METADATA / "info.json",
            "-o",
            out,
            *more,
        )

    def test_the_joined_table_gives_the_embeddings_of_the_whole_one(self):
        code, _, err = run("metadata", *self.tables, "-o", self.tmp / "joined.csv")
        self.assertEqual(code, 3, err)  # one has no w3_mag
        joined = rows_of(self.tmp / "joined.csv")
        self.assertEqual([r["object_id"] for r in joined], [r["object_id"] for r in self.gaia])
        self.assertEqual([(r["status"], r["w3_mag"]) for r in joined][-1], ("missing_value", ""))
        self.assertEqual(joined[0]["tmass_id"], "16575000-2129187")
        for table, out in ((self.whole, "a.csv"), (self.tmp / "joined.csv", "b.csv")):
            self.assertEqual(self.embed(table, self.tmp / out, "--output", "metadata")[0], 3)
        self.assertEqual((self.tmp / "a.csv").read_bytes(), (self.tmp / "b.csv").read_bytes())

    def test_parquet_gives_the_bits_of_csv(self):
        code, _, err = run("metadata", *self.tables, "-o", self.tmp / "joined.parquet")
        if code == 6 and "Parquet" in err:
            self.skipTest("no Parquet module")
        self.assertEqual(code, 3, err)
        self.assertEqual(run("metadata", *self.tables, "-o", self.tmp / "joined.csv")[0], 3)
        for table, out in (("joined.parquet", "a.csv"), ("joined.csv", "b.csv")):
            self.assertEqual(self.embed(self.tmp / table, self.tmp / out)[0], 3)
        self.assertEqual((self.tmp / "a.csv").read_bytes(), (self.tmp / "b.csv").read_bytes())

    def test_missing_values_and_contradictions_are_listed_with_their_places(self):
        self.wise[1]["w1mpro"] = "null"
        self.gaia[2]["Jmag"] = "9.5"
        for row in self.gaia:
            row.setdefault("Jmag", "")
        write(self.tables[0], self.gaia)
        write(self.tables[2], self.wise)
        code, said, err = run("metadata", *self.tables, "-o", self.tmp / "joined.csv", "--json")
        self.assertEqual(code, 3, err)
        summary = json.loads(said)
        self.assertEqual((summary["objects"], summary["ok"]), (12, 9))
        self.assertEqual(summary["rejected"], {"ambiguous": 1, "missing_value": 2})
        self.assertEqual(
            summary["problems"],
            {
                "ambiguous:j_mag": 1,
                "missing_value:w1_mag": 1,
                "missing_value:w1_w2": 1,
                "missing_value:w3_mag": 1,
                "missing_value:w3_w4": 1,
            },
        )
        rejects = [json.loads(line) for line in (self.tmp / "joined.rejects.jsonl").read_text().splitlines()]
        conflict = next(r for r in rejects if r["code"] == "ambiguous")
        self.assertEqual((conflict["object_id"], conflict["column"]), (self.gaia[2]["object_id"], "j_mag"))
        self.assertEqual((conflict["file"], conflict["line"]), (str(self.tables[1]), 11))  # its rows go the other way
        row = rows_of(self.tmp / "joined.csv")[2]
        self.assertEqual((row["status"], row["ruwe"]), ("ambiguous", ""))
        # embed keeps the rejection, also where missing values are imputed.
        self.assertEqual(self.embed(self.tmp / "joined.csv", self.tmp / "o.csv", "--impute", "mean")[0], 3)
        embedded = rows_of(self.tmp / "o.csv")
        self.assertEqual([r["status"] for r in embedded], ["ok", "ok", "ambiguous"] + ["ok"] * 9)
        self.assertIn("metadata:imputed:w1_mag", embedded[1]["flags"])
        code, _, err = run("metadata", *self.tables, "-o", self.tmp / "joined.csv", "--conflicts", "first")
        self.assertIn("conflict:j_mag", rows_of(self.tmp / "joined.csv")[2]["flags"])

    def test_a_column_that_no_table_has_is_warned_of_and_left_out(self):
        code, _, err = run("metadata", *self.tables[:2], "-o", self.tmp / "joined.csv")
        self.assertEqual(code, 0, err)
        self.assertIn("column w1_mag is in none of the tables", err)
        self.assertNotIn("w1_mag", rows_of(self.tmp / "joined.csv")[0])
        code, _, err = self.embed(self.tmp / "joined.csv", self.tmp / "o.csv")
        self.assertEqual(code, 5, err)
        self.assertIn("w1_mag (w1mag, w1mpro)", err)

    def test_no_output_is_an_input_and_a_missing_input_is_named(self):
        code, _, err = run("metadata", *self.tables, "-o", self.tables[1])
        self.assertEqual(code, 2, err)
        code, _, err = run("metadata", self.tmp / "none.csv", "-o", self.tmp / "joined.csv")
        self.assertEqual((code, "none.csv" in err), (5, True), err)
        self.assertEqual(run("metadata", self.tables[0], "-o", self.tmp / "joined.npy")[0], 2)


if __name__ == "__main__":
    unittest.main()
