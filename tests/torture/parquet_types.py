#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gives Parquet columns of every Arrow type to astrom3: numbers, or a rejection that names the type; never a crash.

    .venv/bin/python tests/torture/parquet_types.py [--astrom3 build/release/bin/astrom3]

Every type that pyarrow writes is put in the place of a flux, a time, an id, a band and a column that is not read; by
itself, in lists of every kind, in structs in lists and in triples; and in a catalogue of features; with and without the
stored Arrow schema. Then plain columns get stored schemas that say other types. Prints one line; exits 1 when a run ends
with anything but 0 or 3 (5 for a catalogue), or a column that is not read costs its file. Needs pyarrow.
"""

import argparse
import base64
import collections
import decimal
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

NUMBERS = [1, 2, 3, 5, 7]
N = len(NUMBERS)
PLAIN = {"time": pa.array([58000.5, 58001.75, 58003.25, 58006.5, 58008.1]), "flux": pa.array([1.0, 2, 3, 4, 3]),
         "flux_err": pa.array([0.1] * N)}
NAMES = list(PLAIN)


def primitive_columns() -> dict[str, pa.Array]:
    kinds = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float16(),
             pa.float32(), pa.float64(), pa.date32(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")]
    kinds += [kind(unit) for unit in ("s", "ms", "us", "ns") for kind in (pa.timestamp, pa.duration)]
    kinds += [pa.timestamp("us", "Europe/Berlin"), pa.bool_()]
    columns = {str(kind): pa.array([bool(i % 2) for i in NUMBERS] if kind == pa.bool_() else NUMBERS, kind) for kind in kinds}
    columns["date64"] = pa.array([i * 86_400_000 for i in NUMBERS], pa.date64())
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        columns[str(kind)] = pa.array([str(i) for i in NUMBERS], kind)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(2), pa.binary(16)):
        width = kind.byte_width if pa.types.is_fixed_size_binary(kind) else 3
        columns[str(kind)] = pa.array([bytes([i]) * width for i in NUMBERS], kind)
    for kind in (pa.decimal32(7, 2), pa.decimal64(15, 3), pa.decimal128(10, 3), pa.decimal128(38, 10), pa.decimal256(60, 5)):
        columns[str(kind)] = pa.array([decimal.Decimal(i) for i in NUMBERS], kind)
    return columns | {"null": pa.nulls(N)}


class StrangersType(pa.ExtensionType):
    def __init__(self) -> None:
        super().__init__(pa.float64(), "stranger.flux")

    def __arrow_ext_serialize__(self) -> bytes:
        return b"[" * 1000

    @classmethod
    def __arrow_ext_deserialize__(cls, _storage: pa.DataType, _text: bytes) -> "StrangersType":
        return cls()


def columns_of_every_type() -> dict[str, pa.Array]:
    plain = primitive_columns()
    columns = dict(plain)
    for name, values in plain.items():
        for index in (pa.int8(), pa.uint16(), pa.int64()):
            columns[f"dictionary<{index}, {name}>"] = pa.DictionaryArray.from_arrays(pa.array(range(N), index), values)
    extensions = {"uuid": (pa.uuid(), plain["fixed_size_binary[16]"]), "json": (pa.json_(), plain["string"]),
                  "bool8": (pa.bool8(), plain["int8"]), "opaque": (pa.opaque(pa.float64(), "x", "y"), plain["double"]),
                  "stranger": (StrangersType(), plain["double"]),
                  "tensor": (pa.fixed_shape_tensor(pa.float64(), [2]), pa.array([[1.0, 2.0]] * N, pa.list_(pa.float64(), 2)))}
    for name, (kind, storage) in extensions.items():
        columns[name] = pa.ExtensionArray.from_storage(kind, storage)
    columns["map"] = pa.MapArray.from_arrays(pa.array(range(N + 1), pa.int32()), plain["string"], plain["halffloat"])
    columns["run ends"] = pa.RunEndEncodedArray.from_arrays(pa.array(range(1, N + 1), pa.int32()), plain["double"])
    columns["intervals"] = pa.array([(1, 2, 3)] * N, pa.month_day_nano_interval())
    columns["struct"] = pa.array([{"x": 1.0, "y": [{"z": [1.0]}]}] * N)
    columns["lists of lists of lists"] = pa.array([[[[1.0]]]] * N)
    return columns


def lists_of(values: pa.Array) -> Iterator[pa.Array]:
    """One row that holds `values`, in every kind of list."""
    yield pa.ListArray.from_arrays(pa.array([0, N], pa.int32()), values)
    yield pa.LargeListArray.from_arrays(pa.array([0, N], pa.int64()), values)
    yield pa.FixedSizeListArray.from_arrays(values, N)
    yield pa.ListViewArray.from_arrays(pa.array([0], pa.int32()), pa.array([N], pa.int32()), values)


def tables_with(values: pa.Array) -> Iterator[tuple[str, dict]]:
    yield "unused", PLAIN | {"other": values}
    for place in ("flux", "time", "object_id", "band"):
        yield place, PLAIN | {place: values}
    for flux, time, error in zip(*(lists_of(column) for column in (values, PLAIN["time"], PLAIN["flux_err"])), strict=True):
        yield "list", {"object_id": ["a"], "time": time, "flux": flux, "flux_err": error}
    structs = pa.StructArray.from_arrays([PLAIN["time"], values, PLAIN["flux_err"]], NAMES)
    for rows in lists_of(structs):
        yield "structs", {"object_id": ["a"], "lc": rows}
    triples = pa.FixedSizeListArray.from_arrays(pa.concat_arrays([values.slice(0, 3)] * 2), 3)
    yield "triples", {"object_id": ["a"], "lc": pa.ListArray.from_arrays(pa.array([0, 2], pa.int32()), triples)}


def with_stored_schema(path: pathlib.Path, schema: pa.Schema) -> None:
    """Plain columns in a file whose footer holds `schema`. pyarrow writes none but its own: the key is put in later."""
    table = pa.table(PLAIN)
    with pq.ParquetWriter(path, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"ARROW:schemX": base64.b64encode(schema.serialize().to_pybytes()).decode()})
    path.write_bytes(path.read_bytes().replace(b"ARROW:schemX", b"ARROW:schema"))


class Probe:
    def __init__(self, astrom3: str, root: pathlib.Path) -> None:
        self.astrom3, self.root = astrom3, root
        self.answers: collections.Counter = collections.Counter()
        self.bad: list[str] = []
        self.curves = root / "curves.parquet"
        pq.write_table(pa.table({"object_id": ["1"] * N} | PLAIN), self.curves)

    def run(self, name: str, allowed: tuple[int, ...], *arguments: object) -> None:
        done = subprocess.run([self.astrom3, *map(str, arguments)], capture_output=True, timeout=300, check=False)
        self.answers[done.returncode] += 1
        if done.returncode not in allowed or b"Sanitizer" in done.stderr or b"runtime error" in done.stderr:
            self.bad.append(f"{name}: exit code {done.returncode}: {done.stderr[-300:].decode(errors='replace')}")

    def write(self, columns: dict, **options: object) -> pathlib.Path | None:
        path = self.root / "table.parquet"
        try:
            pq.write_table(pa.table(columns), path, **options)
        except (pa.ArrowException, NotImplementedError):  # Parquet has no such type
            self.answers["not written"] += 1
            return None
        return path

    def probe(self, name: str, values: pa.Array) -> None:
        for stored in (True, False):
            for place, columns in tables_with(values):
                if path := self.write(columns, store_schema=stored):
                    self.run(f"{place} of {name}", (0,) if place == "unused" else (0, 3), "inspect", "--json", "--quiet", path)
            features = {"object_id": [str(i) for i in NUMBERS], "amplitude": values, "period": PLAIN["flux"],
                        "lksl_statistic": PLAIN["flux"], "rfr_score": PLAIN["flux"]}
            if path := self.write(features, store_schema=stored):
                self.run(f"catalogue of {name}", (0, 3, 5), "preprocess", self.curves, "--features", path, "-o", self.root / "out",
                         "--overwrite", "--quiet")

    def probe_schemas(self, kind: pa.DataType) -> None:
        path = self.root / "tampered.parquet"
        for place in NAMES:
            fields = [pa.field(name, kind if name == place else pa.float64()) for name in NAMES]
            with_stored_schema(path, pa.schema(fields))
            allowed = (0, 3) if pa.types.is_duration(kind) else (0,)
            self.run(f"{kind} in the stored schema", allowed, "inspect", "--json", "--quiet", path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        probe = Probe(a.astrom3, pathlib.Path(root))
        columns = columns_of_every_type()
        for name, values in columns.items():
            probe.probe(name, values)
            probe.probe_schemas(values.type)
    print(f"{len(columns)} types: exit codes {dict(probe.answers)}; {len(probe.bad)} violations")
    print("".join(text + "\n" for text in probe.bad[:20]), end="")
    return 1 if probe.bad else 0


if __name__ == "__main__":
    sys.exit(main())
