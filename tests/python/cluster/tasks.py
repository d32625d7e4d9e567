# SPDX-License-Identifier: MIT
"""What runs inside the workers. A module of its own: workers import it by its name."""

import os
import pathlib
import threading
import time

import numpy as np
import pyarrow as pa
from conftest import make_frame

GIVEN = {"amplitude": 0.3, "period": 1.5, "lksl_statistic": 0.5, "rfr_score": 0.4}


def status(field):
    """A number of /proc/self/status: Threads, or kB of VmRSS and VmHWM."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise KeyError(field)


def slowly(frame, model, arguments):
    """As a partition of a survey is: long enough for something to happen meanwhile."""
    if len(frame):
        time.sleep(0.4)
    return model.embed_frame(frame, **arguments)


def fails_once(frame, pixel, model, arguments, folder):
    """Leaves a mark for every partition it finishes; refuses the third until a file says otherwise."""
    if len(frame) == 0:
        return model.embed_frame(frame, **arguments)
    folder = pathlib.Path(folder)
    if len(list(folder.glob("done-*"))) >= 3 and not (folder / "repaired").exists():
        raise RuntimeError("the third partition is broken")
    (folder / f"done-{pixel.order}-{pixel.pixel}-{os.getpid()}-{time.monotonic_ns()}").touch()
    return model.embed_frame(frame, **arguments)


def long_light_curves(model, seconds):
    """As many light curves as one thread embeds in about `seconds`, without a period search."""
    rng = np.random.default_rng(0)
    curve = (np.sort(rng.uniform(0, 20, 40)), 10 + rng.normal(size=40), np.full(40, 0.1))
    n = 2000
    begin = time.perf_counter()
    model.many([curve] * n, features=GIVEN, n_threads=1)
    return [curve] * max(1, int(n * seconds / (time.perf_counter() - begin)))


def embed_while_counting(model, light_curves):
    """When the call began and ended, and the longest time that a Python thread beside it had to wait."""
    gaps, stop = [0.0], threading.Event()

    def count():
        last = time.perf_counter()
        while not stop.wait(0.01):
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    thread = threading.Thread(target=count)
    thread.start()
    begin = time.perf_counter()
    model.many(light_curves, features=GIVEN, n_threads=1)
    end = time.perf_counter()
    stop.set()
    thread.join()
    return begin, end, max(gaps)


def threads_before_and_after(model, n_threads):
    """The threads of this process before, right after, and the most during a call."""
    curves = long_light_curves(model, 0.2)
    seen, stop = [], threading.Event()

    def watch():
        while not stop.wait(0.005):
            seen.append(status("Threads"))

    before = status("Threads")
    thread = threading.Thread(target=watch)
    thread.start()
    model.many(curves, features=GIVEN, n_threads=n_threads)
    stop.set()
    thread.join()
    return before, max(seen), status("Threads")


def memory_of_a_large_partition(model, n_stars):
    """What a partition of `n_stars` costs beside itself: kB of peak memory, bytes of Arrow's own."""
    frame = make_frame(n_stars, seed=2)
    model.embed_frame(frame.iloc[:100], mag=True, band="g", features=GIVEN)  # everything is loaded
    pool = pa.default_memory_pool()
    arrow_before, arrow_most = pa.total_allocated_bytes(), pool.max_memory()
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # VmHWM begins anew
    before = status("VmRSS")
    embedding = model.many(frame["lightcurve"], mag=True, band="g", where={"catflags": 0}, features=GIVEN)
    growth_kib = status("VmHWM") - before
    arrow = pa.total_allocated_bytes() - arrow_before + max(0, pool.max_memory() - arrow_most)
    return growth_kib, arrow, embedding.nbytes, int(np.isfinite(embedding[:, 0]).sum())
