# SPDX-License-Identifier: MIT
"""Arrow data through the PyCapsule interface: pointers, no copies, no pyarrow."""

from __future__ import annotations

import ctypes as c
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._engine import Table
from ._errors import AstroM3Error
from ._extras import load
from ._library import check, lib
from ._options import Options
from ._selection import Selection


class Schema(c.Structure):
    """ArrowSchema."""


Schema._fields_ = [
    ("format", c.c_char_p),
    ("name", c.c_char_p),
    ("metadata", c.c_void_p),
    ("flags", c.c_int64),
    ("n_children", c.c_int64),
    ("children", c.POINTER(c.POINTER(Schema))),
    ("dictionary", c.c_void_p),
    ("release", c.CFUNCTYPE(None, c.c_void_p)),
    ("private_data", c.c_void_p),
]


class Array(c.Structure):
    """ArrowArray."""

    _fields_ = [
        ("length", c.c_int64),
        ("null_count", c.c_int64),
        ("offset", c.c_int64),
        ("n_buffers", c.c_int64),
        ("n_children", c.c_int64),
        ("buffers", c.c_void_p),
        ("children", c.c_void_p),
        ("dictionary", c.c_void_p),
        ("release", c.CFUNCTYPE(None, c.c_void_p)),
        ("private_data", c.c_void_p),
    ]


class _Stream(c.Structure):
    _fields_ = [
        ("get_schema", c.CFUNCTYPE(c.c_int, c.c_void_p, c.POINTER(Schema))),
        ("get_next", c.CFUNCTYPE(c.c_int, c.c_void_p, c.POINTER(Array))),
        ("get_last_error", c.CFUNCTYPE(c.c_char_p, c.c_void_p)),
        ("release", c.CFUNCTYPE(None, c.c_void_p)),
        ("private_data", c.c_void_p),
    ]


_pointer_of: Callable[[object, bytes], int] = c.PYFUNCTYPE(c.c_void_p, c.py_object, c.c_char_p)(
    ("PyCapsule_GetPointer", c.pythonapi)
)


def is_arrow(value: object) -> bool:
    """Whether `value` hands out Arrow data, or is a pandas column that does so through pyarrow."""
    return (
        hasattr(value, "__arrow_c_stream__")
        or hasattr(value, "__arrow_c_array__")
        or hasattr(value, "__arrow_array__")
        or hasattr(getattr(value, "array", None), "__arrow_array__")
    )


def _as_producer(value: Any) -> Any:
    """Something with the PyCapsule interface. pandas' own is for frames; a column goes through pyarrow, no copy."""
    column = getattr(value, "array", None)
    if hasattr(column, "__arrow_array__") or (
        not hasattr(value, "__arrow_c_stream__") and not hasattr(value, "__arrow_c_array__")
    ):
        return load("pyarrow", "a column of pandas that holds lists").array(value)
    return value


def _release(struct: Schema | Array | _Stream) -> None:
    if struct.release:
        struct.release(c.addressof(struct))


def _is_long(schema: Schema, selection: Selection, options: Options) -> bool:
    """Whether a light curve may go on in the next chunk."""
    (handle, *_), keep = selection.arguments(options)
    is_long = c.c_int32()
    check(lib.astrom3_table_is_long(c.addressof(schema), handle, c.byref(is_long)))
    assert keep
    return bool(is_long.value)


def _table(schema: Schema, array: Array, selection: Selection, options: Options) -> Table:
    arguments, keep = selection.arguments(options)
    handle = c.c_void_p()
    n_rows = array.length  # light curves; their observations are not counted here
    check(lib.astrom3_table_from_arrow(c.addressof(schema), c.addressof(array), *arguments, c.byref(handle)))
    return Table(handle, max(n_rows, 1 << 20), (keep,))


def _array_table(producer: Any, selection: Selection, options: Options) -> Table:
    schema_capsule, array_capsule = producer.__arrow_c_array__()
    schema = Schema.from_address(_pointer_of(schema_capsule, b"arrow_schema"))
    array = Array.from_address(_pointer_of(array_capsule, b"arrow_array"))
    return _table(schema, array, selection, options)


class _HandedOn:
    """A stream that pyarrow is to read."""

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._capsule


def _as_one_chunk(capsule: object) -> Any:
    pa = load("pyarrow", "a long Arrow table")

    table = pa.RecordBatchReader.from_stream(_HandedOn(capsule)).read_all()
    batches = table.combine_chunks().to_batches()
    if len(batches) > 1:
        raise ValueError("light_curves: texts of more than 2 GiB; give the table in parts of whole light curves")
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def arrow_chunks(value: Any, selection: Selection, options: Options) -> Iterator[Table]:
    """Every chunk of Arrow data as a table, one at a time; a chunk is released with its table. A long table is one."""
    producer = _as_producer(value)
    if not hasattr(producer, "__arrow_c_stream__"):
        yield _array_table(producer, selection, options)
        return
    capsule = producer.__arrow_c_stream__()
    stream = _Stream.from_address(_pointer_of(capsule, b"arrow_array_stream"))
    schema = Schema()
    _check_stream(stream, stream.get_schema(c.addressof(stream), c.byref(schema)))
    try:
        # A stream without chunks must be refused where its columns do not fit, too.
        if _is_long(schema, selection, options):
            yield _array_table(_as_one_chunk(capsule), selection, options)
            return
        while True:
            array = Array()
            _check_stream(stream, stream.get_next(c.addressof(stream), c.byref(array)))
            if not array.release:
                return
            try:
                table = _table(schema, array, selection, options)
            finally:
                _release(array)  # only where it was not taken over
            yield table
    finally:
        _release(schema)


def _check_stream(stream: _Stream, code: int) -> None:
    if code == 0:
        return
    text = stream.get_last_error(c.addressof(stream))
    raise AstroM3Error(f"the Arrow stream failed: {text.decode(errors='replace') if text else code}", "io_error")


def numbers_of(name: str, column: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column of one number a light curve as float64, NaN where null."""
    if hasattr(column, "to_numpy") and hasattr(column, "combine_chunks"):  # pyarrow
        column = column.to_numpy()
    elif type(column).__module__.startswith("pyarrow"):
        column = column.to_numpy(zero_copy_only=False)
    elif hasattr(column, "to_numpy"):  # pandas
        column = column.to_numpy(dtype=np.float64, na_value=np.nan)
    from ._arrays import as_float64

    return as_float64(name, column)
