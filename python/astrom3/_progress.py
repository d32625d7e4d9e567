# SPDX-License-Identifier: MIT
"""A progress bar where one was asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from ._extras import load


@contextlib.contextmanager
def progress_bar(wanted: bool) -> Iterator[Callable[[int], object] | None]:
    """Yields what to call with the number of light curves finished, or None. Needs tqdm where wanted."""
    if not wanted:
        yield None
        return
    tqdm = load("tqdm.auto", "progress=True").tqdm

    with tqdm(unit=" light curves", unit_scale=True) as bar:
        yield bar.update
