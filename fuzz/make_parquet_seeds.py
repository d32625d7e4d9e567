#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes fuzz/corpus/parquet: small tables of every shape, without compression and checksums.

The first byte of a seed chooses the reader and its options, see fuzz_parquet.cpp.
"""
import io
import pathlib
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent / "corpus" / "parquet"
TIMES, MAGS, ERRORS = [1.0, 2.5, 4.0], [12.5, 12.25, 12.75], [0.01, 0.02, 0.04]


def write(name: str, reader: int, columns: dict, **options) -> None:
    sink = io.BytesIO()
    options = {"compression": "none", "write_statistics": False, "store_schema": False, "use_dictionary": False,
               **options}
    pq.write_table(pa.table(columns), sink, **options)
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
