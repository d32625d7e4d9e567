# SPDX-License-Identifier: MIT
"""Long calls of the engine that Ctrl-C ends."""

from __future__ import annotations

import ctypes as c
import threading
from collections.abc import Callable

_POLL_SECONDS = 0.05


def call_interruptibly(
    call: Callable[[], None], stop: c.c_int32 | None = None, poll: Callable[[], None] | None = None
) -> None:
    """Runs `call` so that a signal is seen at once: in a thread of its own where this is the main thread.

    call : must hold on to all memory that the engine reads and writes, for it may go on a little while after
        a KeyboardInterrupt.
    stop : set to 1 on the way out.
    poll : called about twenty times a second, in this thread.
    """
    if poll is None and threading.current_thread() is not threading.main_thread():
        call()
        return
    failure: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="astrom3", daemon=True)
    try:
        thread.start()
        while thread.is_alive():
            thread.join(_POLL_SECONDS)
            if poll is not None:
                poll()
    except BaseException:
        if stop is not None:
            stop.value = 1
            thread.join(2 * _POLL_SECONDS)  # at most one light curve more; a long one ends by itself
        raise
    if failure:
        raise failure[0]


def call_if_long(is_long: bool, call: Callable[[], None]) -> None:
    """`call` as it is, or so that Ctrl-C ends it where it takes long."""
    if is_long:
        call_interruptibly(call)
    else:
        call()
