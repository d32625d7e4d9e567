#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes fuzz/corpus/parquet: small tables of every shape, without compression and checksums.

The first byte of a seed chooses the reader and its options, see fuzz_parquet.cpp.
"""
import decimal
import io
import pathlib
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent / "corpus" / "parquet"
TIMES, MAGS, ERRORS = [1.0, 2.5, 4.0], [12.5, 12.25, 12.75], [0.01, 0.02, 0.04]


def write(name: str, reader: int, columns: "dict | pa.Table", **options) -> None:
    sink = io.BytesIO()
    options = {"compression": "none", "write_statistics": False, "store_schema": False, "use_dictionary": False,
               **options}
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), sink, **options)
    (FOLDER / name).write_bytes(struct.pack("B", reader) + sink.getvalue())


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = {"object_id": pa.array(["a", "a", "a", "b", None]), "hjd": TIMES + [1.0, 2.0],
            "mag": pa.array(MAGS + [13.0, None]), "mag_err": pa.array(ERRORS + [0.1, 0.1], pa.float32()),
            "band": ["g"] * 4 + ["V"]}
    write("rows", 0, rows)
    write("rows_dictionary_v2", 1 << 3, rows, use_dictionary=True, data_page_version="2.0", row_group_size=2)
    write("rows_delta", 16 << 3, {"source_id": pa.array([7, 7, 8]), "time": pa.array([1, 2, 4]), "flux": MAGS,
                                  "flux_err": ERRORS, "band": ["g"] * 3},
          column_encoding={"source_id": "DELTA_BINARY_PACKED", "time": "DELTA_BINARY_PACKED",
                           "flux": "BYTE_STREAM_SPLIT", "flux_err": "PLAIN", "band": "DELTA_BYTE_ARRAY"})
    lists = {"time": [TIMES, [], None], "flux": [MAGS, [], [1.0]], "flux_err": [ERRORS, [], [0.5]]}
    write("lists", 1, {"object_id": [1, 2, 3], **lists})
    write("lists_with_schema", 8 << 3, {"id": ["x", "y", "z"], **lists}, store_schema=True, write_statistics=True)
    points = [dict(time=t, mag=m, mag_err=e) for t, m, e in zip(TIMES, MAGS, ERRORS)]
    write("list_of_structs", 2, {"object_id": ["a", "b"], "lightcurve": [points, None]}, use_dictionary=True)
    write("struct_of_lists", 3, {"object_id": ["a", "b"],
                                 "lightcurve": [dict(time=TIMES, mag=MAGS, mag_err=ERRORS), None]})
    triples = pa.array([[list(p) for p in zip(TIMES, MAGS, ERRORS)], [[1.0, 2.0]]])
    write("triples", 0, {"object_id": ["a", "b"], "lightcurve": triples})
    write("catalog", 4, {"object_id": ["a", "b"], "amplitude": [0.5, None], "period": pa.array([2.0, 3.0], pa.float32())})
    write("labels", 5, {"object_id": [1, 2], "class": pa.array(["EA", None]).dictionary_encode()}, use_dictionary=True)
    vectors = pa.array([[1.0, 2.0], None], pa.list_(pa.float32(), 2))
    write("embedding", 6 | 1 << 3, {"object_id": ["a", "b"], "status": ["ok", "one_point"], "embedding": vectors},
          store_schema=True)
    write("classes", 6 | 2 << 3, {"object_id": ["a"], "status": ["ok"], "p_EA": [0.25], "p_M": [0.75]})
    photometry = pa.array([[[float(i + j) for j in range(9)] for i in range(4)]], pa.list_(pa.list_(pa.float32())))
    write("tensors", 7, {"photometry": photometry})
    write("halves", 0, {"time": TIMES, "flux": pa.array(MAGS, pa.float16()), "flux_err": pa.array(ERRORS, pa.float16())})
    exact = [decimal.Decimal(str(mag)) for mag in MAGS]
    write("decimals", 0, {"time": pa.array([decimal.Decimal(1), decimal.Decimal(2), decimal.Decimal(4)], pa.decimal128(5, 1)),
                          "flux": pa.array(exact, pa.decimal256(50, 3)), "flux_err": ERRORS}, store_decimal_as_integer=True)
    write("times", 1, {"id": pa.array([b"a\0", b"bc", b"bc"], pa.binary(2)), "time": pa.array([1, 2, 3], pa.timestamp("ns")),
                       "flux": MAGS, "flux_err": ERRORS}, use_deprecated_int96_timestamps=True)
    write("dates", 0, {"time": pa.array([[1, 2, 4]], pa.list_(pa.date32())), "flux": [MAGS], "flux_err": [ERRORS]}, store_schema=True)
    noted = pa.schema([pa.field("time", pa.float64(), metadata={"unit": "d"}), pa.field("flux", pa.float64(), metadata={"Unit": "uJy"}),
                       pa.field("flux_err", pa.float64()), pa.field("other", pa.duration("s")), pa.field("flux.mask", pa.bool_())],
                      {"table_meta_yaml": "datatype:\n- {name: flux, unit: 'mJy', datatype: float64}\n- name: time\n  unit: d\n"})
    columns = [TIMES, MAGS, ERRORS, pa.array([1, 2, 3], pa.duration("s")), [True, None, False]]
    write("notes_of_astropy", 0, pa.table(columns, schema=noted), store_schema=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
