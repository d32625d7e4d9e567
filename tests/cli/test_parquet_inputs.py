# SPDX-License-Identifier: MIT
"""Parquet light curves of every shape, right and damaged. Run with ASTROM3_CLI set, by a Python that has pyarrow."""

import gzip
import json
import math
import random
import struct
import unittest

from parquet_tables import TINY, ParquetTestCase, pa, pq, run

N_STARS = 4


def stars():
    """id -> columns of one light curve; float64, so that every format holds the same numbers."""
    table = {}
    for star in range(N_STARS):
        time = [58000.25 + 1.1 * i + 0.013 * ((i * 7919 + star) % 89) for i in range(40 + star)]
        flux = [40 + 3 * math.sin(2 * math.pi * t / (0.6 + 0.01 * star)) for t in time]
        table[1000 + star] = {"time": time, "flux": flux, "flux_err": [0.05] * len(time)}
    return table


LISTS = pa.list_(pa.float64())


class ParquetInputs(ParquetTestCase):
    def setUp(self):
        super().setUp()
        self.stars = stars()

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

    def test_every_shape_gives_the_same_bytes_as_csv(self):  # DT03, PQ08, FM24, FM27
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
        for time, word in ((pa.array([["a", "b"]]), "string"), (pa.array([[1, 2]], pa.list_(pa.time32("s"))), "time32"),
                           (pa.array([[1, 2]], pa.list_(pa.time64("us"))), "time64"), (pa.array([[None, None]]), "null")):
            path = self.write({"time": time, "flux": [[1.0, 2.0]], "flux_err": [[1.0, 2.0]]})
            code, (report,), _ = self.inspect(path)
            self.assertEqual(code, 3)
            self.assertIn(word, report["first_rejects"][0])
            self.assertIn('"time"', report["first_rejects"][0])
        path = self.write({"time": pa.array([[1, 2, 4]], pa.list_(pa.int32())), "flux": [[1, 2, 3]], "flux_err": [[1, 2, 3]]})
        self.assertEqual(self.inspect(path)[1][0]["usable"], 3)

    def test_ztf_data_release_takes_bands_and_flags(self):  # FM07
        path = self.write({"objectid": pa.array([7, 8], pa.int64()), "filterid": pa.array([1, 2], pa.int8()),
                           "hmjd": [[58000.5, 58001.5], [58000.5]], "mag": pa.array([[16.0, 16.5], [15.0]], pa.list_(pa.float32())),
                           "magerr": [[0.02, 0.02], [0.02]], "clrcoeff": [[0.1, 0.1], [0.1]],
                           "catflags": pa.array([[0, 32768], [0]], pa.list_(pa.int32()))})
        code, (report,), text = self.inspect(path)
        self.assertEqual(code, 0, text)
        self.assertEqual((report["format"], report["bands"], report["dropped"]["quality"], report["first_rejects"]),
                         ("ztf_dr", {"zg": 2, "zr": 1}, 1, []))

    def test_pyasassn_tables_are_long_and_drop_what_was_not_detected(self):  # FM05
        path = self.write({"asas_sn_id": pa.array([7, 7, 8, 8], pa.int64()), "jd": [2458000.5, 2458001.5, 2458000.5, 2458002.5],
                           "flux": [1.0, 2.0, 3.0, 4.0], "flux_err": [0.1] * 4, "mag": [14.0] * 4, "mag_err": [0.01, 99.99, 0.01, 0.01],
                           "limit": [17.0] * 4, "fwhm": [1.4] * 4, "quality": ["G", "G", "B", "U"], "phot_filter": ["g"] * 4})
        code, (report,), text = self.inspect(path)
        self.assertEqual((code, report["format"], report["objects"], report["usable"]), (0, "pyasassn", 2, 2), text)
        self.assertEqual((report["dropped"]["upper_limits"], report["dropped"]["quality"]), (1, 1))

    def test_rubin_nested_sources_are_nanojansky(self):  # FM20
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

    def test_rubin_difference_objects_have_two_lists_of_sources(self):  # FM20
        source = pa.struct([("midpointMjdTai", pa.float64()), ("band", pa.string()), ("psfFlux", pa.float32()), ("psfFluxErr", pa.float32()),
                            ("psfDiffFlux", pa.float32()), ("psfDiffFluxErr", pa.float32())])
        row = [{"midpointMjdTai": 60000.0 + i, "band": "r", "psfFlux": 5.0, "psfFluxErr": 1.0, "psfDiffFlux": -2e6, "psfDiffFluxErr": 1.0}
               for i in range(4)]
        path = self.write({"diaObjectId": pa.array([9], pa.int64()), "diaSource": pa.array([row[:3]], pa.large_list(source)),
                           "diaObjectForcedSource": pa.array([row], pa.large_list(source))})
        code, (report,), _ = self.inspect(path)
        self.assertIn("diaSource, diaObjectForcedSource", report["first_rejects"][0])
        code, (report,), text = self.inspect(path, "--nested", "diaObjectForcedSource", "--columns", "flux=psfDiffFlux,flux_err=psfDiffFluxErr")
        self.assertEqual((code, report["format"], report["usable"], report["columns"]["flux"]), (0, "rubin_dia", 4, "psfDiffFlux"), text)

    def test_several_lists_need_a_choice(self):
        lc = pa.array([[{"time": 1.0, "flux": 2.0, "flux_err": 0.1}]])
        path = self.write({"object_id": [1], "first": lc, "second": lc})
        code, (report,), _ = self.inspect(path)
        self.assertIn("--nested", report["first_rejects"][0])
        self.assertEqual(self.inspect(path, "--nested", "second")[1][0]["usable"], 1)

    def test_a_hats_catalogue_is_its_partitions(self):  # FM25
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

    def test_a_hats_collection_is_its_primary_table(self):  # FM25
        pixel = self.write(self.shapes()["list of structs"], "all/cat/dataset/Norder=0/Dir=0/Npix=4/part0.parquet")
        (self.folder / "all" / "cat" / "hats.properties").write_text("obs_collection=cat\n")
        margin = self.write(self.shapes()["list of structs"], "all/cat_5arcs/dataset/Norder=0/Dir=0/Npix=4.parquet")
        (margin.parents[3] / "hats.properties").write_text("obs_collection=cat_5arcs\n")
        (self.folder / "all" / "collection.properties").write_text(
            "#HATS Collection\nobs_collection=cat\nhats_primary_table_url=cat\nall_margins=cat_5arcs\n")
        code, reports, text = self.inspect(self.folder / "all")
        self.assertEqual((code, [r["file"] for r in reports]), (0, [str(pixel)]), text)
        (self.folder / "all" / "collection.properties").write_text("hats_primary_table_url=gone\n")
        code, _, text = self.inspect(self.folder / "all")
        self.assertEqual(code, 5)
        self.assertIn("gone", text)

    def test_partitions_of_a_hats_catalogue_may_have_any_name(self):  # FM25
        tables = {}
        for pixel in (4, 5):
            shape = self.shapes()["list of structs"]
            shape["object_id"] = pa.array([pixel * 10 + i for i in range(N_STARS)], pa.int64())
            tables[pixel] = self.write(shape, f"{pixel}.parquet").read_bytes()
        expected = None
        names = {"plain": "{}.parquet", "none": "{}", "folder": "{}/0000", "pq": "{}.pq", "parq": "{}.parq", "upper": "{}.PARQUET",
                 "part": "{}/part-0.parquet", "snappy": "{}/part-00000-c000.snappy.parquet", "odd": "{}.data"}
        for layout in ("dataset/Norder=1/Dir=0", "Norder=1/Dir=0"):
            for notes in ("hats.properties", "properties", "catalog_info.json"):
                for kind, name in names.items():
                    root = self.folder / f"{kind}-{layout[0]}-{notes}"
                    for pixel, data in tables.items():
                        path = root / layout / name.format(f"Npix={pixel}")
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(data)
                    (root / notes).write_text('{"catalog_type": "object"}' if notes.endswith("json") else "dataproduct_type = object\n")
                    (root / "partition_info.csv").write_text("Norder,Npix\n1,4\n1,5\n")
                    for note in ("_metadata", "_common_metadata", "Norder=1/Dir=0/_SUCCESS", "Norder=1/Dir=0/.part-0.parquet.crc"):
                        (root / layout.split("Norder")[0] / note).write_bytes(b"\n")
                    code, out, text = self.features(root)
                    expected = expected or out
                    with self.subTest(kind, layout=layout, notes=notes):
                        self.assertEqual((code, out, text), (0, expected, ""))
                        self.assertEqual(len(out.splitlines()), 1 + 2 * N_STARS)

    def test_a_run_over_nothing_is_an_error(self):
        (self.folder / "cat" / "dataset" / "Norder=0" / "Dir=0").mkdir(parents=True)
        (self.folder / "cat" / "hats.properties").write_text("obs_collection=cat\n")
        (self.folder / "cat" / "dataset" / "_metadata").write_bytes(b"PAR1")
        for given in (("cat",), ("-r", "cat"), ("-r", ".")):
            code, _, text = run("features", *[self.folder / g if g != "-r" else g for g in given], "-o", "-")
            self.assertEqual(code, 5, (given, text))
            self.assertIn("no_input", text)
        code, _, text = run("features", self.folder / "cat", "-o", "-")
        self.assertIn("without partitions", text)

    def test_a_collection_names_no_catalogue_outside_of_it(self):
        outside = self.write(self.shapes()["list of structs"], "outside/dataset/Norder=0/Dir=0/Npix=4.parquet")
        (outside.parents[3] / "hats.properties").write_text("obs_collection=outside\n")
        (self.folder / "all").mkdir()
        for url in (str(outside.parents[3]), "../outside", "x/../../outside", "file:///outside", "s3://bucket/cat", ".."):
            (self.folder / "all" / "collection.properties").write_text(f"hats_primary_table_url = {url}\n")
            code, _, text = self.inspect(self.folder / "all")
            self.assertEqual(code, 5, url)
            self.assertIn("not in its folder", text)

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

    def test_a_codec_that_is_not_there_is_named(self):  # PQ10
        data = self.write(self.shapes()["long"], compression="snappy").read_bytes()
        self.assertEqual(data.count(b"\x04time\x15\x02"), 1)  # the column's path, then its codec: 1, as zigzag
        path = self.folder / "lzo.parquet"
        path.write_bytes(data.replace(b"\x04time\x15\x02", b"\x04time\x15\x06"))
        code, (report,), _ = self.inspect(path)
        self.assertEqual((code, report["rejected"]), (3, {"bad_parquet": 1}))
        self.assertIn("lzo", report["first_rejects"][0].lower())

    def test_a_page_with_a_wrong_checksum_is_not_read(self):  # PQ11
        data = bytearray(self.write(self.shapes()["long"], compression=None, write_page_checksum=True, use_dictionary=False).read_bytes())
        at = data.index(struct.pack("<d", self.stars[1000]["time"][7]))
        data[at] ^= 1
        path = self.folder / "flipped.parquet"
        path.write_bytes(data)
        code, (report,), _ = self.inspect(path)
        self.assertEqual((code, report["usable"], list(report["rejected"])), (3, 0, ["bad_parquet"]))
        self.assertIn("CRC", report["first_rejects"][0])

    def test_a_decompression_bomb_is_refused(self):  # PQ15
        columns = {"object_id": ["x" * 300_000_000], "time": [[1.0, 2.0]], "flux": [[1.0, 2.0]], "flux_err": [[0.1, 0.1]]}
        path = self.write(columns, compression="zstd", write_statistics=False)
        self.assertLess(path.stat().st_size, 1_000_000)
        code, _, text = run("features", path, "-o", "-")
        self.assertEqual(code, 3, text)
        self.assertIn("decompression bomb", text)

    def test_dictionaries_of_several_row_groups_inside_lists_are_read(self):
        rows = [[{"time": t, "flux": f, "flux_err": e, "band": "gr"[i % 2]}
                 for i, (t, f, e) in enumerate(zip(lc["time"], lc["flux"], lc["flux_err"]))] for lc in self.stars.values()]
        fields = [("time", pa.float64()), ("flux", pa.float64()), ("flux_err", pa.float64())]
        expected = None
        for band in (pa.string(), pa.dictionary(pa.int32(), pa.string())):
            column = pa.array(rows, pa.list_(pa.struct([*fields, ("band", pa.string())])))
            if band != pa.string():
                flat = column.flatten()
                parts = [flat.field(name) for name, _ in fields] + [flat.field("band").dictionary_encode()]
                structs = pa.StructArray.from_arrays(parts, [*(name for name, _ in fields), "band"])
                column = pa.ListArray.from_arrays(column.offsets, structs)
            path = self.write({"object_id": pa.array(list(self.stars), pa.int64()), "lc": column}, row_group_size=1)
            code, out, text = run("features", path, "--band", "split", "-o", "-", "--quiet")
            self.assertEqual(code, 0, text)
            self.assertEqual(len(out.splitlines()), 1 + 2 * N_STARS)
            expected = expected or out
            self.assertEqual(out, expected)

    def test_each_file_is_read_by_its_own_columns(self):  # PQ13
        first = self.write(self.shapes()["list columns"], "first.parquet")
        other = self.shapes()["list columns"]
        other["object_id"] = [str(i) for i in range(N_STARS)]
        other["brightness"] = other.pop("flux")
        second = self.write(other, "second.parquet")
        code, reports, _ = self.inspect(first, second)
        self.assertEqual((code, [r["usable"] > 0 for r in reports]), (3, [True, False]))
        self.assertEqual(reports[1]["rejected"], {"missing_column": 1})
        self.assertIn("second.parquet", reports[1]["first_rejects"][0])
        self.assertIn("brightness", reports[1]["first_rejects"][0])  # what there is instead

    def test_many_row_groups_are_one_table(self):  # PQ12
        path = self.write(self.shapes()["long"], row_group_size=1)
        self.assertEqual(self.features(path)[1], self.features(self.long_csv())[1])

    def test_no_rows_is_said(self):  # PQ12
        path = self.write({"time": pa.array([], LISTS), "flux": pa.array([], LISTS), "flux_err": pa.array([], LISTS)})
        self.assertEqual(self.inspect(path)[1][0]["rejected"], {"no_rows": 1})

    def test_a_long_table_larger_than_memory_is_streamed(self):
        n = 60000
        path = self.write({"object_id": [i // 3 for i in range(n)], "time": [float(i % 3) for i in range(n)],
                           "flux": [float(i % 7) for i in range(n)], "flux_err": [0.1] * n}, row_group_size=1000)
        code, (report,), text = self.inspect(path, "--memory", "1M")
        self.assertEqual((code, report["objects"], report["usable"]), (0, n // 3, n), text)
        ids = [None if i % 1000 == 1 else i // 3 for i in range(n)]  # rows that are nobody's end no object
        path = self.write({"object_id": ids, "time": [float(i % 3) for i in range(n)],
                           "flux": [float(i % 7) for i in range(n)], "flux_err": [0.1] * n}, row_group_size=1000)
        code, (report,), text = self.inspect(path, "--memory", "1M")
        self.assertEqual((report["objects"], report["usable"], report["rejected"]), (n // 3 + 60, n - 60, {"bad_id": 60}), text)
        path = self.write({"object_id": [i % 20000 for i in range(n)], "time": [float(i) for i in range(n)],
                           "flux": [1.0] * n, "flux_err": [0.1] * n})
        code, (report,), text = self.inspect(path, "--memory", "1M")
        self.assertEqual(list(report["rejected"]), ["not_grouped"])

    # ---- tensors of AstroM3Processed ----

    def encode(self, path):
        """Exit code, {tensor: (shape, bytes)}, stderr."""
        out = self.folder / "out.safetensors"
        code, _, text = run("encode", path, "--model", TINY, "-o", out, "--output", "all")
        if code != 0:
            return code, {}, text
        data = out.read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        header.pop("__metadata__")
        return code, {name: (entry["shape"], data[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]])
                      for name, entry in header.items()}, text

    def test_processed_tensors_are_cropped_and_padded_as_in_the_recipe(self):  # FM26
        n_steps = json.loads((TINY / "config.json").read_text())["seq_len"]
        rng = random.Random(3)
        curves = [[[struct.unpack("f", struct.pack("f", rng.gauss(0, 1)))[0] for _ in range(9)] for _ in range(n)]
                  for n in (2, n_steps - 1, n_steps, n_steps + 1, n_steps + 8)]
        x_enc, mask = [], []
        for rows in curves:
            first = max(0, (len(rows) - n_steps) // 2)
            used = rows[first:first + n_steps]
            x_enc += [v for row in used for v in row] + [0.0] * (9 * (n_steps - len(used)))
            mask += [1.0] * len(used) + [0.0] * (n_steps - len(used))
        n_x, n_mask = 4 * len(x_enc), 4 * len(mask)
        header = json.dumps({"x_enc": {"dtype": "F32", "shape": [5, n_steps, 9], "data_offsets": [0, n_x]},
                             "mask": {"dtype": "F32", "shape": [5, n_steps], "data_offsets": [n_x, n_x + n_mask]}}).encode()
        by_hand = self.folder / "by_hand.safetensors"
        by_hand.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack(f"<{len(x_enc) + len(mask)}f", *x_enc, *mask))
        code, expected, text = self.encode(by_hand)
        self.assertEqual((code, sorted(expected)), (0, ["logits", "mean", "sequence"]), text)
        self.assertEqual(expected["mean"][0][0], 5)
        for shape in (pa.list_(pa.list_(pa.float32())), pa.large_list(pa.list_(pa.float32(), 9)), pa.list_(pa.list_(pa.float64()))):
            path = self.write({"photometry": pa.array(curves, shape), "label": [0] * 5}, row_group_size=2)
            self.assertEqual(self.encode(path)[:2], (0, expected), shape)

    def star(self, scale=1.0, **more):
        """One star of flat columns, its fluxes in `scale` mJy."""
        columns = dict(self.stars[1000])
        return columns | {name: [v / scale for v in columns[name]] for name in ("flux", "flux_err")} | more

    def read(self, columns, *options, notes=None):
        """log10_mad of the first object, and what is said on stderr."""
        table = pa.table(columns)
        path = self.folder / "star.parquet"
        pq.write_table(table.replace_schema_metadata(notes) if notes else table, path)
        code, out, text = run("features", path, "-o", "-", *options)
        header, *rows = [line.split(",") for line in out.splitlines()]
        found = [dict(zip(header, row)) for row in rows]
        self.assertEqual((code, {row["status"] for row in found}), (0, {"ok"}), text)
        return float(found[0]["log10_mad"]), text

    def test_notes_beside_a_table_are_looked_at_like_a_header(self):
        expected, text = self.read(self.star())
        self.assertNotIn("warning", text)
        for notes, said in (({"flux_unit": "uJy"}, "flux_unit: uJy"), ({"zeropoint": "25.0"}, "zeropoint: 25.0"),
                            ({"PANDAS_ATTRS": '{"author": "me", "note": "flux in adu"}'}, "flux in adu"),
                            ({"pandas": '{"columns": [], "attributes": {"note": "errors are 3 sigma"}}'}, "3 sigma"),
                            ({"table_meta_yaml": "datatype:\n- {name: flux, datatype: float64}\nmeta:\n  ZP: 25.0\n"}, "ZP: 25.0")):
            found, text = self.read(self.star(), notes=notes)
            self.assertEqual(found, expected)
            self.assertIn("although the header says", text)
            self.assertIn(said, text.replace('\\"', '"'))
        for notes in ({"author": "nobody"}, {"pandas": '{"columns": [{"name": "flux_uJy"}]}'}):
            self.assertNotIn("warning", self.read(self.star(), notes=notes)[1])

    def test_units_of_rows_and_passbands_of_plasticc(self):
        expected, _ = self.read(self.star())
        n = len(self.stars[1000]["time"])
        found, text = self.read(self.star(1e-3, unit=["uJy"] * n))
        self.assertAlmostEqual(found, expected, places=9)
        self.assertNotIn("warning", text)
        plasticc = self.star(3.631e-5, object_id=[615] * n, passband=[2] * n)
        plasticc["mjd"] = plasticc.pop("time")
        lists = {name: [values] for name, values in plasticc.items()} | {"object_id": [615]}
        for columns in (plasticc, lists):
            found, text = self.read(columns)
            self.assertAlmostEqual(found, expected, places=9)
            self.assertIn("AB27.5", text)
            found, text = self.read(columns, "--flux-unit", "mJy")
            self.assertAlmostEqual(found, expected - math.log10(3.631e-5), places=9)
            self.assertNotIn("warning", text)

    def test_ids_that_are_floating_numbers_are_named(self):
        n = len(self.stars[1000]["time"])
        for number, said in ((5.853498713190525e18, "rounded"), (0.25, "fraction"), (12.0, None)):
            _, text = self.read(self.star(source_id=[number] * n))
            self.assertEqual("warning" in text, said is not None, text)
            self.assertIn(said or "", text)
        self.assertNotIn("warning", self.read(self.star(source_id=[5853498713190525696] * n))[1])

    def test_processed_tensors_that_cannot_be_encoded_are_named(self):
        good = [[0.5] * 9] * 3
        for bad, word in ((None, "row 2"), ([[0.5] * 8] * 3, "row 2"), ([[0.5] * 8 + [math.nan]], "[0, 8] is nan"), ([], "row 2")):
            path = self.write({"photometry": pa.array([good, bad], pa.list_(pa.list_(pa.float32())))})
            code, _, text = self.encode(path)
            self.assertEqual(code, 5, text)
            self.assertIn(word, text)
            self.assertIn("bad_tensors", text)
        path = self.write({"photometry": pa.array([good], pa.list_(pa.list_(pa.float32())))})
        code, (report,), _ = self.inspect(path)  # as light curves they are refused, with a word where they belong
        self.assertEqual((code, report["rejected"]), (3, {"length_mismatch": 1}))
        self.assertIn("astrom3 encode", report["first_rejects"][0])
        self.assertEqual(self.encode(self.write({"x": [1]}))[0], 5)
        self.assertEqual(self.encode(self.folder / "missing.parquet")[0], 5)


if __name__ == "__main__":
    unittest.main()
