# SPDX-License-Identifier: MIT
"""The report of ``evaluate``: how well classes were told, by method."""

from __future__ import annotations

import html
from typing import Any

from ._extras import load
from ._words import shown

_SHOWN = ("accuracy", "macro_f1", "balanced_accuracy", "log_loss", "ece")
_TABLES = ("classes", "confusion", "reliability")


class Evaluation(dict[str, Any]):
    """The report of ``astrom3 evaluate``: a dict, with its tables as data frames.

    Examples
    --------
    ``found.table()`` has a row for each method; ``found.table("confusion", "probe")`` is the confusion matrix of one.
    """

    @property
    def methods(self) -> tuple[str, ...]:
        """Such as ``("head", "10-nn", "probe")``."""
        return tuple(row["method"] for row in self["summary"])

    @property
    def summary(self) -> dict[str, dict[str, float]]:
        """By method: n, accuracy, macro_f1 (each with ``_error``, of a bootstrap), balanced_accuracy, log_loss, ece."""
        return {
            row["method"]: {name: value for name, value in row.items() if name != "method"} for row in self["summary"]
        }

    def table(self, name: str = "summary", method: str | None = None) -> Any:
        """A table of the report, as a data frame.

        name : "summary"; or "classes", "confusion" or "reliability", of a `method`
        """
        if name == "summary":
            return load("pandas", "table()").DataFrame(self["summary"]).set_index("method")
        if name not in _TABLES:
            raise ValueError(f"name: expected 'summary', 'classes', 'confusion' or 'reliability', found {shown(name)}")
        if method not in self.methods:
            raise ValueError(f"method: expected one of {', '.join(self.methods)}, found {shown(method)}")
        frame = load("pandas", "table()").DataFrame(self[f"{method} {name}"])
        index = {"classes": "class", "confusion": "truth"}.get(name)
        return frame if index is None else frame.set_index(index)

    def _rows(self) -> list[list[str]]:
        return [
            [name, *("–" if row.get(one) is None else f"{row[one]:.4f}" for one in _SHOWN)]
            for name, row in self.summary.items()
        ]

    def __repr__(self) -> str:
        rows = [["method", *_SHOWN], *self._rows()]
        lines = ["  ".join(f"{cell:<17}" for cell in row).rstrip() for row in rows]
        return "\n".join([f"Evaluation of {self.get('labelled')} objects, {self.get('split')}", *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in ("method", *_SHOWN))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self._rows()
        )
        return f"<table><tr>{head}</tr>{body}</table>"
