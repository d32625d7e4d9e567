# SPDX-License-Identifier: MIT
"""Parquet light curves of every shape, right and damaged. Run with ASTROM3_CLI set, by a Python that has pyarrow."""

import gzip
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    print("pyarrow is not here: nothing was tested")
    sys.exit(77)

CLI = os.environ["ASTROM3_CLI"]
N_STARS = 4


def run(*args, stdin=None):
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, input=stdin, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def stars():
    """id -> columns of one light curve; float64, so that every format holds the same numbers."""
    table = {}
    for star in range(N_STARS):
        time = [58000.25 + 1.1 * i + 0.013 * ((i * 7919 + star) % 89) for i in range(40 + star)]
        flux = [40 + 3 * math.sin(2 * math.pi * t / (0.6 + 0.01 * star)) for t in time]
        table[1000 + star] = {"time": time, "flux": flux, "flux_err": [0.05] * len(time)}
    return table


LISTS = pa.list_(pa.float64())


class ParquetInputs(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.stars = stars()

    def write(self, columns, name="stars.parquet", **options):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path, **options)
        return path

    def inspect(self, *args):
        code, out, text = run("inspect", "--json", *args)
        return code, [json.loads(line) for line in out.splitlines()], text

    def features(self, *inputs):
        code, out, text = run("features", *inputs, "-o", "-", "--quiet")
        return code, out, text

    def long_csv(self):
        lines = ["object_id,time,flux,flux_err"]
        for star, lc in self.stars.items():
            lines += [f"{star},{t!r},{f!r},{e!r}" for t, f, e in zip(lc["time"], lc["flux"], lc["flux_err"])]
        path = self.folder / "stars.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    def shapes(self):
        """name -> table with the same light curves."""
        ids = pa.array(list(self.stars), pa.int64())
        lists = {key: [lc[key] for lc in self.stars.values()] for key in ("time", "flux", "flux_err")}
        flat = {"object_id": [star for star, lc in self.stars.items() for _ in lc["time"]]}
        flat |= {key: [v for row in values for v in row] for key, values in lists.items()}
        structs = [[{"time": t, "flux": f, "flux_err": e} for t, f, e in zip(lc["time"], lc["flux"], lc["flux_err"])]
                   for lc in self.stars.values()]
        fields = [("time", pa.float64()), ("flux", pa.float64()), ("flux_err", pa.float64())]
        triples = [[[t, f, e] for t, f, e in zip(lc["time"], lc["flux"], lc["flux_err"])] for lc in self.stars.values()]
        return {
            "long": flat,
            "list columns": {"object_id": ids} | {key: pa.array(v, LISTS) for key, v in lists.items()},
            "large lists": {"object_id": ids} | {key: pa.array(v, pa.large_list(pa.float64())) for key, v in lists.items()},
            "list of structs": {"object_id": ids, "lc": pa.array(structs, pa.list_(pa.struct(fields)))},
            "large list of structs": {"object_id": ids, "lc": pa.array(structs, pa.large_list(pa.struct(fields)))},
            "struct of lists": {"object_id": ids, "lc": pa.array(
                [dict(zip(lists, row)) for row in zip(*lists.values())], pa.struct([(k, LISTS) for k in lists]))},
            "triples": {"object_id": ids, "photometry": pa.array(triples, pa.list_(pa.list_(pa.float64())))},
            "fixed triples": {"object_id": ids, "photometry": pa.array(triples, pa.list_(pa.list_(pa.float64(), 3)))},
        }

    def test_every_shape_gives_the_same_bytes_as_csv(self):  # DT03, PQ08
        code, expected, text = self.features(self.long_csv())
        self.assertEqual(code, 0, text)
        for name, columns in self.shapes().items():
            for rows in (1, 3, 1000):
                with self.subTest(name, row_group_size=rows):
                    path = self.write(columns, row_group_size=rows)
                    code, out, text = self.features(path)
                    self.assertEqual((code, out), (0, expected), text)

    def test_null_rows_lists_and_elements_and_lengths_cost_only_their_object(self):  # PQ04, PQ05
        good = [1.0, 2.0, 3.5, 4.0]
        table = {"object_id": ["ok", "null list", "empty", "lengths", "null element", None, "nan", "inf"],
                 "time": [good, None, [], good, good, good, good, good],
                 "flux": [good, good, [], good[:3], [1.0, None, 2.0, 3.0], good, [1.0, math.nan, 2.0, 3.0],
                          [1.0, math.inf, 2.0, 3.0]],
                 "flux_err": [good, good, [], good, good, good, good, good]}
        path = self.write(table)
        code, (report,), _ = self.inspect(path)
        self.assertEqual(code, 3)
        self.assertEqual(report["objects"], 8)
        self.assertEqual(report["rejected"], {"no_points": 1, "length_mismatch": 1, "missing_value": 3,
                                              "nonfinite": 1, "bad_id": 1})
        self.assertIn("row 5, element 2", " ".join(report["first_rejects"]))
        self.assertIn("3 values for 4 times", " ".join(report["first_rejects"]))
        code, (report,), _ = self.inspect(path, "--nonfinite", "drop")
        self.assertEqual(report["dropped"]["missing"], 2)
        self.assertEqual(report["dropped"]["nonfinite"], 1)

    def test_types_that_are_no_numbers_are_named(self):  # PQ06
        times = pa.array([[1, 2]], pa.list_(pa.timestamp("us")))
        for time, word in ((times, "timestamp"), (pa.array([["a", "b"]]), "string")):
            path = self.write({"time": time, "flux": [[1.0, 2.0]], "flux_err": [[1.0, 2.0]]})
            code, (report,), _ = self.inspect(path)
            self.assertEqual(code, 3)
            self.assertIn(word, report["first_rejects"][0])
        path = self.write({"time": pa.array([[1, 2, 4]], pa.list_(pa.int32())), "flux": [[1, 2, 3]], "flux_err": [[1, 2, 3]]})
        self.assertEqual(self.inspect(path)[1][0]["usable"], 3)

    def test_ztf_data_release_takes_bands_and_flags(self):
        path = self.write({"objectid": pa.array([7, 8], pa.int64()), "filterid": pa.array([1, 2], pa.int8()),
                           "hmjd": [[58000.5, 58001.5], [58000.5]], "mag": pa.array([[16.0, 16.5], [15.0]], pa.list_(pa.float32())),
                           "magerr": [[0.02, 0.02], [0.02]], "clrcoeff": [[0.1, 0.1], [0.1]],
                           "catflags": pa.array([[0, 32768], [0]], pa.list_(pa.int32()))})
        code, (report,), text = self.inspect(path)
        self.assertEqual(code, 0, text)
        self.assertEqual((report["format"], report["bands"], report["dropped"]["quality"], report["first_rejects"]),
                         ("ztf_dr", {"zg": 2, "zr": 1}, 1, []))

    def test_rubin_nested_sources_are_nanojansky(self):
        source = pa.struct([("midpointMjdTai", pa.float64()), ("band", pa.string()), ("psfFlux", pa.float32()),
                            ("psfFluxErr", pa.float32()), ("psfFlux_flag", pa.bool_())])
        rows = [[{"midpointMjdTai": 60000.0 + i, "band": "gr"[i % 2], "psfFlux": 1e5, "psfFluxErr": 10.0,
                  "psfFlux_flag": i == 0} for i in range(6)]]
        path = self.write({"objectId": pa.array([611], pa.int64()),
                           "objectForcedSource": pa.array(rows, pa.large_list(source))})
        code, (report,), text = self.inspect(path, "--band", "r")
        self.assertEqual(code, 0, text)
        self.assertEqual((report["format"], report["units"], report["usable"]), ("rubin", "flux, 1 is 1e-06 mJy", 3))
        code, (report,), text = self.inspect(path)
        self.assertEqual((report["objects"], report["dropped"]["quality"]), (2, 1))  # one object a band

    def test_several_lists_need_a_choice(self):
        lc = pa.array([[{"time": 1.0, "flux": 2.0, "flux_err": 0.1}]])
        path = self.write({"object_id": [1], "first": lc, "second": lc})
        code, (report,), _ = self.inspect(path)
        self.assertIn("--nested", report["first_rejects"][0])
        self.assertEqual(self.inspect(path, "--nested", "second")[1][0]["usable"], 1)

    def test_a_hats_catalogue_is_its_partitions(self):
        (self.folder / "cat").mkdir()
        (self.folder / "cat" / "hats.properties").write_text("obs_collection=cat\n")
        for pixel in (7, 8):
            shape = self.shapes()["list of structs"]
            shape["object_id"] = pa.array([pixel * 10 + i for i in range(N_STARS)], pa.int64())
            self.write(shape, f"cat/dataset/Norder=1/Dir=0/Npix={pixel}.parquet")
        (self.folder / "cat" / "dataset" / "_metadata").write_bytes(b"PAR1")
        self.write({"x": [1]}, "cat/dataset/data_thumbnail.parquet")
        code, reports, text = self.inspect(self.folder / "cat")
        self.assertEqual((code, [r["objects"] for r in reports]), (0, [N_STARS, N_STARS]), text)

    def test_stdin_is_any_format(self):
        table = self.long_csv().read_bytes()
        expected = self.features(self.long_csv())[1]
        parquet = self.write(self.shapes()["list columns"]).read_bytes()
        for data in (table, gzip.compress(table), parquet):
            code, out, text = run("features", "-", "-o", "-", "--quiet", stdin=data)
            self.assertEqual((code, out.encode()), (0, expected.encode()), text)
        self.assertEqual(run("features", "-", "-o", f"{self.folder}/out/", stdin=table)[0], 2)  # cannot be resumed

    def test_damaged_files_are_refused_and_never_crash(self):  # PQ01, PQ02, PQ03, PQ09, PQ11
        rng = random.Random(5)
        paths = []
        for name in ("list of structs", "long", "fixed triples"):
            whole = self.write(self.shapes()[name], write_page_checksum=True).read_bytes()
            for i in range(60):
                data = bytearray(whole)
                for _ in range(rng.choice((1, 1, 4, 30))):
                    data[rng.randrange(len(data))] = rng.randrange(256)
                if i % 4 == 0:
                    del data[rng.randrange(4, len(data)):]
                path = self.folder / f"damaged-{name.replace(' ', '-')}-{i}.parquet"
                path.write_bytes(data)
                paths.append(path)
        code, reports, text = self.inspect(*paths)
        self.assertIn(code, (0, 3), text[-2000:])
        self.assertEqual(len(reports), len(paths))

    def test_truncation_and_footers_that_lie_say_so(self):  # PQ01, PQ02, PQ03, PQ10
        whole = self.write(self.shapes()["list columns"]).read_bytes()
        cases = {b"PAR1": "at least 12", whole[:-4]: "footer is missing", whole[:-8] + b"\xff\xff\xff\x7fPAR1": "",
                 whole[:-4] + b"PARE": "encrypted"}
        for data, word in cases.items():
            path = self.folder / "cut.parquet"
            path.write_bytes(data)
            code, (report,), _ = self.inspect(path)
            self.assertEqual((code, report["rejected"]), (3, {"bad_parquet": 1}))
            self.assertIn(word, report["first_rejects"][0])

    def test_no_rows_is_said(self):  # PQ12
        path = self.write({"time": pa.array([], LISTS), "flux": pa.array([], LISTS), "flux_err": pa.array([], LISTS)})
        self.assertEqual(self.inspect(path)[1][0]["rejected"], {"no_rows": 1})

    def test_a_long_table_larger_than_memory_is_streamed(self):
        n = 60000
        path = self.write({"object_id": [i // 3 for i in range(n)], "time": [float(i % 3) for i in range(n)],
                           "flux": [float(i % 7) for i in range(n)], "flux_err": [0.1] * n}, row_group_size=1000)
        code, (report,), text = self.inspect(path, "--memory", "1M")
        self.assertEqual((code, report["objects"], report["usable"]), (0, n // 3, n), text)
        path = self.write({"object_id": [i % 20000 for i in range(n)], "time": [float(i) for i in range(n)],
                           "flux": [1.0] * n, "flux_err": [0.1] * n})
        code, (report,), text = self.inspect(path, "--memory", "1M")
        self.assertEqual(list(report["rejected"]), ["not_grouped"])


if __name__ == "__main__":
    unittest.main()
