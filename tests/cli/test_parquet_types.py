# SPDX-License-Identifier: MIT
"""Parquet columns of every type, read as the same numbers or refused by name. Run with ASTROM3_CLI set, by a Python that has pyarrow."""

import base64
import decimal
import math
import random
import unittest

from parquet_tables import TINY, ParquetTestCase, pa, pq, run


class ParquetTypes(ParquetTestCase):
    @staticmethod
    def exact_star():
        """A light curve whose numbers are the same in every type: times of quarters of a day, fluxes of few bits."""
        n = 60
        return {"time": [18000 + i + (i * 7 % 4) / 4 for i in range(n)], "flux": [40 + (i * i % 29) / 4 for i in range(n)],
                "flux_err": [0.25 + (i % 3) / 8 for i in range(n)]}

    def features_of(self, columns, **options):
        code, out, text = self.features(self.write(columns, "star.parquet", **options))
        self.assertEqual(code, 0, text)
        return out

    @staticmethod
    def in_every_place(star):
        """The same light curve, given as arrays, in every place where cells may be."""
        n = len(star["time"])
        offsets = pa.array([0, n], pa.int32())
        lists = {key: pa.ListArray.from_arrays(offsets, values) for key, values in star.items()}
        structs = pa.StructArray.from_arrays(list(star.values()), list(star))
        yield {"object_id": ["a"] * n} | star
        yield {"object_id": ["a"]} | lists
        yield {"object_id": ["a"]} | {key: pa.FixedSizeListArray.from_arrays(values, n) for key, values in star.items()}
        yield {"object_id": ["a"], "lc": pa.ListArray.from_arrays(offsets, structs)}
        yield {"object_id": ["a"], "lc": pa.StructArray.from_arrays(list(lists.values()), list(lists))}

    def assert_the_same_numbers(self, kinds, star, stored=(True, False), **options):
        plain = {key: pa.array(values, pa.float64()) for key, values in star.items()}
        expected = self.features_of({"object_id": ["a"] * len(star["time"])} | plain)
        for kind, columns in kinds.items():
            for place, table in enumerate(self.in_every_place(plain | columns)):
                for store in stored:
                    with self.subTest(kind, place=place, stored=store):
                        self.assertEqual(self.features_of(table, store_schema=store, **options), expected)

    def test_half_floats_are_numbers(self):  # PQ06
        star = self.exact_star()
        half = {key: pa.array(star[key], pa.float16()) for key in ("flux", "flux_err")}
        self.assert_the_same_numbers({"halves": half, "one": {"flux": half["flux"]}}, star)
        self.assert_the_same_numbers({"pages": half}, star, data_page_version="2.0", row_group_size=7)
        encoded = self.features_of({"object_id": ["a"] * 60, "time": star["time"], "flux": half["flux"].cast(pa.float32()).dictionary_encode()
                                    .cast(pa.dictionary(pa.int8(), pa.float32())), "flux_err": half["flux_err"]})
        self.assertEqual(encoded, self.features_of({"object_id": ["a"] * 60} | star))
        # What is special about halves: subnormal, infinite, not a number, null.
        odd = pa.array([2.0 ** -24, 65504.0, math.inf, math.nan, None, 1.0], pa.float16())
        code, (report,), _ = self.inspect(self.write({"time": [1.0, 2, 3, 4, 5, 6], "flux": odd, "flux_err": [1.0] * 6}), "--nonfinite", "drop")
        self.assertEqual((code, report["usable"], report["dropped"]["missing"], report["dropped"]["nonfinite"]), (0, 3, 2, 1))

    def test_decimals_are_numbers(self):  # PQ06
        star = self.exact_star()
        exact = {key: [decimal.Decimal(v) for v in values] for key, values in star.items()}
        kinds = {str(kind): {key: pa.array(values, kind) for key, values in exact.items()}
                 for kind in (pa.decimal32(9, 3), pa.decimal64(15, 4), pa.decimal128(20, 6), pa.decimal128(38, 20), pa.decimal256(60, 30))}
        self.assert_the_same_numbers(kinds, star)
        self.assert_the_same_numbers({"integers": kinds["decimal128(20, 6)"]}, star, store_decimal_as_integer=True)
        # The nearest double, and negative scales.
        digits = ["58000.123456789012345678", "-0.1", "99999999999999999.125", "0", "1e-20", "123456789.987654321"]
        kind = pa.decimal128(38, 20)
        table = {"object_id": [f"o{i}" for i in range(6)], "time": [[1.0, 2.0]] * 6, "flux": [[1.0, 2.0]] * 6, "flux_err": [[1.0, 2.0]] * 6}
        path = self.write(table | {"flux": pa.array([[decimal.Decimal(d), decimal.Decimal(d)] for d in digits], pa.list_(kind))})
        floats = self.write(table | {"flux": pa.array([[float(d)] * 2 for d in digits])}, "floats.parquet")
        tensors = []
        for table, name in ((path, "a"), (floats, "b")):
            code, _, text = run("preprocess", table, "--min-points", "2", "--allow-negative-error", "-o", self.folder / name, "--quiet")
            self.assertIn(code, (0, 3), text)
            tensors.append({file.name: file.read_bytes() for file in (self.folder / name).iterdir() if file.suffix == ".npy"})
        self.assertGreater(len(tensors[0]), 0)
        self.assertEqual(tensors[0], tensors[1])

    def test_dates_and_durations_are_days(self):  # PQ06
        star = self.exact_star()
        dates, durations = {}, {}
        for unit, per_day in (("s", 86400), ("ms", 86400_000), ("us", 86400_000_000), ("ns", 86400_000_000_000)):
            ticks = pa.array([int(t * per_day) for t in star["time"]], pa.int64())
            for zone in (None, "UTC", "Europe/Berlin"):
                dates[f"{unit} {zone}"] = {"time": ticks.cast(pa.timestamp(unit, zone))}
            durations[unit] = {"time": ticks.cast(pa.duration(unit))}
        self.assert_the_same_numbers(dates, star)
        self.assert_the_same_numbers({"INT96": dates["ns None"]}, star, use_deprecated_int96_timestamps=True)
        self.assert_the_same_numbers(durations, star, stored=(True,))
        whole = star | {"time": [float(int(t)) for t in star["time"]]}
        days = pa.array([int(t) for t in whole["time"]], pa.int32()).cast(pa.date32())
        self.assert_the_same_numbers({"date32": {"time": days}, "date64": {"time": days.cast(pa.date64())}}, whole)
        before_1970 = star | {"time": [t - 30000 for t in star["time"]]}
        ticks = pa.array([int(t * 86400_000) for t in before_1970["time"]], pa.int64())
        self.assert_the_same_numbers({"before 1970": {"time": ticks.cast(pa.timestamp("ms"))}}, before_1970)

    def test_columns_that_are_not_read_do_not_matter(self):  # PQ16
        star = {"object_id": ["a"] * 60} | self.exact_star()
        expected = self.features_of(star)
        half = pa.array([1.0] * 60, pa.float16())
        unused = {"half": half, "half lists": pa.array([[1.0, None]] * 60, pa.list_(pa.float16())),
                  "map": pa.array([[("a", 1.0)]] * 60, pa.map_(pa.string(), pa.float64())),
                  "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0123456789abcdef"] * 60, pa.binary(16))),
                  "json": pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}"] * 60)),
                  "null": pa.nulls(60), "bytes": pa.array([b"\xff"] * 60), "duration": pa.array([1] * 60, pa.duration("ns")),
                  "struct in list": pa.array([[{"x": 1.0, "y": [1.0]}]] * 60),
                  "tensor": pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.float64(), [2]), pa.array([[1.0, 2.0]] * 60, pa.list_(pa.float64(), 2))),
                  "dictionary": pa.DictionaryArray.from_arrays(pa.array([0] * 60, pa.uint8()), pa.array([b"\xff"]))}
        for name, column in unused.items():
            for stored in (True, False):
                with self.subTest(name, stored=stored):
                    self.assertEqual(self.features_of(star | {"other": column}, store_schema=stored), expected)

    def test_cells_that_astropy_masks_are_missing(self):  # PQ18
        star = self.exact_star()
        masked = dict(star, flux=[999.0 if i % 10 == 3 else v for i, v in enumerate(star["flux"])])
        mask = pa.array([i % 10 == 3 for i in range(60)])
        notes = {"table_meta_yaml": "datatype:\n- {name: flux, unit: mJy, datatype: float64}\n- {name: flux.mask, datatype: bool}\n"}
        table = pa.table({"object_id": ["a"] * 60} | masked | {"flux.mask": mask})
        path = self.folder / "masked.parquet"
        for column in ("flux", "flux_err", "time"):
            names = {name: f"{column}.mask" if name == "flux.mask" else name for name in table.column_names}
            pq.write_table(table.rename_columns(list(names.values())).replace_schema_metadata(notes), path, row_group_size=17)
            nulls = self.write({"object_id": ["a"] * 60} | masked | {column: [None if i % 10 == 3 else v for i, v in enumerate(masked[column])]})
            expected = run("features", nulls, "--nonfinite", "drop", "-o", "-", "--quiet")
            self.assertEqual(run("features", path, "--nonfinite", "drop", "-o", "-", "--quiet"), expected)
            self.assertIn("points_dropped", expected[1])
        pq.write_table(table, path)  # astropy has not said so: a column like any other
        self.assertNotIn("points_dropped", run("features", path, "--nonfinite", "drop", "-o", "-", "--quiet")[1])
        catalogue = pa.table({"object_id": ["a"], "amplitude": [7.0], "period": [7.0], "lksl_statistic": [7.0], "rfr_score": [7.0], "period.mask": [True]})
        pq.write_table(catalogue.replace_schema_metadata(notes), path)
        curves = self.write({"object_id": ["a"] * 60} | star, "curves.parquet")
        _, with_mask, _ = run("embed", curves, "--features", path, "--model", TINY, "-o", "-", "--quiet")
        pq.write_table(catalogue.set_column(2, "period", pa.array([None], pa.float64())).drop_columns("period.mask"), path)
        self.assertEqual(run("embed", curves, "--features", path, "--model", TINY, "-o", "-", "--quiet")[1], with_mask)

    def test_ids_may_be_bytes_of_one_width(self):
        star = self.exact_star()
        ids = pa.array([b"ab\0\0\0"] * 60, pa.binary(5))
        self.assertEqual(self.features_of({"object_id": ids} | star), self.features_of({"object_id": ["ab"] * 60} | star))
        code, (report,), _ = self.inspect(self.write({"object_id": pa.array([b"\xff\xfe\0\0"] * 60, pa.binary(4))} | star))
        self.assertEqual(code, 3)
        self.assertIn("UTF-8", report["first_rejects"][0])

    # ---- schemas that contradict the table ----

    def with_stored_schema(self, columns, schema, name="tampered.parquet"):
        """A file whose footer holds `schema` (a schema or bytes), whatever its columns are."""
        data = schema.serialize().to_pybytes() if isinstance(schema, pa.Schema) else schema
        table, path = pa.table(columns), self.folder / name
        with pq.ParquetWriter(path, table.schema, store_schema=False) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata({"ARROW:schemX": base64.b64encode(data).decode()})
        path.write_bytes(path.read_bytes().replace(b"ARROW:schemX", b"ARROW:schema"))
        return path

    def test_a_stored_schema_cannot_change_what_the_columns_are(self):  # PQ17
        star = {"object_id": ["a"] * 60} | self.exact_star()
        expected = self.features_of(star)
        plain = pa.schema([("object_id", pa.string())] + [(name, pa.float64()) for name in ("time", "flux", "flux_err")])
        extension = {"ARROW:extension:name": "arrow.fixed_shape_tensor", "ARROW:extension:metadata": "[" * 100_000}
        lies = [pa.float16(), pa.string(), pa.list_(pa.float64()), pa.list_view(pa.float64()), pa.list_(pa.float64(), 3), pa.timestamp("ns"),
                pa.run_end_encoded(pa.int32(), pa.float64()), pa.dictionary(pa.int8(), pa.float64()), pa.dictionary(pa.int64(), pa.string()),
                pa.duration("s"), pa.month_day_nano_interval(), pa.struct([("a", pa.float64()), ("b", pa.float16())]), pa.struct([]),
                pa.map_(pa.string(), pa.float64()), pa.decimal256(50, 3), pa.uuid(), pa.null(), pa.dense_union([pa.field("x", pa.float64())])]
        for i, lie in enumerate(lies):
            for column in range(4):
                path = self.with_stored_schema(star, plain.set(column, pa.field(plain.field(column).name, lie)))
                with self.subTest(str(lie), column=column):
                    self.assertEqual(self.features(path)[:2], (0, expected))
        for schema in (plain.remove(0), plain.append(pa.field("more", pa.float16())), pa.schema([]),
                       plain.set(2, pa.field("flux", pa.list_(pa.float64(), 2), metadata=extension)),
                       plain.set(2, pa.field("flux", pa.float64(), metadata=extension)),
                       plain.set(0, pa.field("object_id", pa.binary(), metadata={"ARROW:extension:name": "nobody.knows"}))):
            self.assertEqual(self.features(self.with_stored_schema(star, schema))[:2], (0, expected))

    def test_a_damaged_stored_schema_costs_its_file_and_nothing_else(self):  # PQ17
        star = {"object_id": ["a"] * 60} | self.exact_star()
        whole = pa.table(star).schema.serialize().to_pybytes()
        rng = random.Random(7)
        paths = [self.with_stored_schema(star, data, f"damaged-{i}.parquet") for i, data in
                 enumerate([b"", b"\xff" * 3, whole[:9], whole[:50], whole[:-20], b"\xff" * 200, bytes(200), whole[8:]])]
        for i in range(200):
            data = bytearray(whole)
            for _ in range(rng.choice((1, 3, 20))):
                data[rng.randrange(8, len(data))] = rng.choice((0, 1, 255, rng.randrange(256)))
            paths.append(self.with_stored_schema(star, bytes(data), f"changed-{i}.parquet"))
        code, reports, text = self.inspect(*paths)
        self.assertEqual((code, len(reports)), (3, len(paths)), text)
        for report in reports:
            self.assertTrue(report["usable"] == 60 or report["rejected"] == {"bad_parquet": 1}, report)
        self.assertIn("the Arrow schema in the footer is damaged", reports[0]["first_rejects"][0])

    def test_catalogues_and_labels_take_the_same_numbers(self):
        curves = self.write({"object_id": ["a"] * 60} | self.exact_star())
        values = {"amplitude": 0.5, "period": 2.25, "lksl_statistic": 0.25, "rfr_score": 0.75}

        def embed(kind, make=lambda v: v):
            catalogue = self.write({"object_id": ["a"]} | {key: pa.array([make(v)], kind) for key, v in values.items()}, "catalogue.parquet")
            code, out, text = run("embed", curves, "--features", catalogue, "--model", TINY, "-o", "-", "--quiet")
            return code, out, text

        expected = embed(pa.float64())
        self.assertEqual(expected[0], 0, expected[2])
        self.assertEqual(embed(pa.float16())[:2], expected[:2])
        for kind in (pa.decimal32(5, 2), pa.decimal128(30, 4), pa.decimal256(50, 4)):
            self.assertEqual(embed(kind, decimal.Decimal)[:2], expected[:2], kind)
        for kind, word in ((pa.timestamp("us"), "timestamp"), (pa.duration("us"), "duration"), (pa.date32(), "date32"), (pa.time32("s"), "time32")):
            code, _, text = embed(kind, int)
            self.assertNotIn(code, (0, -6, 134))
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
