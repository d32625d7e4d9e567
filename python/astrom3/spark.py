# SPDX-License-Identifier: MIT
"""The schema of the columns that ``AstroM3.map_arrow`` returns, for Apache Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._objects_run import spaces_of

if TYPE_CHECKING:
    from .model import AstroM3

# What `frames` writes, in the words of Spark, which has neither unsigned numbers nor lists of fixed size.
_TYPES = {"": "array<float>", "_n_obs": "int", "_status": "smallint", "_flags": "bigint"}
_TYPES_OF_OBJECTS = {"_status": "smallint", "_flags": "string"}  # behind the embeddings of every space


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _ddl(kind: Any) -> str:
    """A type of Spark as DDL, in which names of any characters are quoted."""
    if hasattr(kind, "elementType"):
        return f"array<{_ddl(kind.elementType)}>"
    if hasattr(kind, "keyType"):
        return f"map<{_ddl(kind.keyType)},{_ddl(kind.valueType)}>"
    if hasattr(kind, "fields"):
        return f"struct<{','.join(f'{_quoted(field.name)}:{_ddl(field.dataType)}' for field in kind.fields)}>"
    return str(kind.simpleString())


def spark_schema(
    model: AstroM3,
    frame: Any = None,
    *,
    keep: Sequence[str] | Mapping[str, str] = (),
    column: str = "astrom3",
    classes: bool = False,
) -> str:
    """The schema of the result of `map_arrow`, as the text that ``DataFrame.mapInArrow`` takes.

    Parameters
    ----------
    frame : DataFrame or StructType of Spark, optional
        The frame whose columns are kept; it has their types.
    keep : sequence of str, or mapping
        The columns that `map_arrow` keeps; without `frame` a mapping of their names to types of Spark.
    column, classes
        As in `map_arrow`.

    Examples
    --------
    >>> from astrom3 import AstroM3
    >>> AstroM3().spark_schema(keep={"objectid": "bigint"})
    '`objectid` bigint, `astrom3` array<float>, `astrom3_n_obs` int, `astrom3_status` smallint, `astrom3_flags` bigint'

    ``df.mapInArrow(model.map_arrow(keep=["objectid"], mag=True), model.spark_schema(df, keep=["objectid"]))``
    """
    types: dict[str, str] = {}
    if isinstance(keep, Mapping):
        types.update(keep)
    elif keep and frame is None:
        raise TypeError(
            "keep: without a frame of Spark its types must be given: spark_schema(df, keep=[...]), or "
            "spark_schema(keep={'objectid': 'bigint'})"
        )
    else:
        there = {field.name: field.dataType for field in getattr(frame, "schema", frame).fields} if keep else {}
        for name in keep:
            if name not in there:
                raise ValueError(f"keep: there is no column {name!r} among {', '.join(there)}")
            types[name] = _ddl(there[name])
    made = _TYPES
    if model.kind != "photo":
        made = {**{f"_{name}": "array<float>" for name in spaces_of(model)}, **_TYPES_OF_OBJECTS}
    types.update({f"{column}{suffix}": kind for suffix, kind in made.items()})
    if classes:
        types.update({f"{column}_class": "string", **{f"{column}_p_{name}": "float" for name in model.class_names}})
    return ", ".join(f"{_quoted(name)} {kind}" for name, kind in types.items())
