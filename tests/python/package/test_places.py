# SPDX-License-Identifier: MIT
"""Where a checkpoint comes from: a path, the Hugging Face hub, the package itself."""

import os
import pickle
import re
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from astrom3 import AstroM3, AstroM3Error, EmbeddingModel, _library
from conftest import ROOT

sys.path.append(str(ROOT / "tests" / "hub"))

from fault_server import COMMIT, Hub


@pytest.fixture
def hub(checkpoint, tmp_path, monkeypatch):
    """A hub of this machine with the small checkpoint, and an empty cache."""
    hub = Hub()
    for name in ("config.json", "model.safetensors"):
        hub.add(name, (checkpoint / name).read_bytes(), large=name.endswith("tensors"))
    for name in list(os.environ):
        if name.startswith(("HF_", "ASTROM3_HUB")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    yield hub
    hub.close()


def test_a_checkpoint_of_the_hub_is_fetched_once(hub, model, curves, expected, tmp_path):
    found = AstroM3.from_hf("org/model")
    assert found.sha256 == model.sha256 and np.array_equal(found(*curves[0]), expected[0])
    assert found.path.startswith(str(tmp_path / "home" / "hub" / "models--org--model"))
    again = AstroM3.from_hf("org/model", revision=COMMIT, offline=True)
    assert again == found and again._model is found._model
    assert AstroM3(f"hf:org/model@{COMMIT}") == found
    elsewhere = AstroM3.from_hf("org/model", cache_dir=tmp_path / "other")
    assert elsewhere.path.startswith(str(tmp_path / "other"))
    assert EmbeddingModel.from_hf(repository="org/model", mag=False)(*curves[0]).shape == (1, 1, 1, model.width)


def test_the_bundled_checkpoint_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ASTROM3_MODEL", raising=False)
    bundled = AstroM3()
    named = AstroM3("vstars4")
    assert named == bundled and named._model is bundled._model
    assert pickle.loads(pickle.dumps(named)) == bundled
    shutil.copytree(ROOT / "tests" / "golden" / "tiny", tmp_path / "vstars4")  # what is there comes first
    assert AstroM3("vstars4").sha256 != bundled.sha256


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("asas3", "named by its folder, or as hf:ORG/NAME; vstars4 is the bundled one"),
        ("AstroMLCore/AstroM3-CLIP-all", "hf:AstroMLCore/AstroM3-CLIP-all is the checkpoint of this name"),
    ],
)
def test_a_name_that_is_no_file_says_what_may_be_meant(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AstroM3Error, match=f"(?s)^{name}: cannot open.*{words}") as caught:
        AstroM3(name)
    assert caught.value.code == "bad_model"


def test_threads_that_fetch_one_checkpoint_do_not_meet_in_its_temporary_files(hub, tmp_path):
    for i in range(5):
        start, problems = threading.Barrier(6), []

        def fetch(cache=tmp_path / str(i), start=start, problems=problems):
            start.wait()
            try:
                AstroM3.from_hf("org/model", cache_dir=cache)
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=fetch) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
        names = [path.name for path in (tmp_path / str(i)).rglob("*")]
        left = [name for name in names if str(os.getpid()) in name or ".tmp." in name]
        assert left == []


def test_a_name_with_a_nul_is_no_shorter_name(checkpoint, tmp_path):
    for make in (
        lambda: AstroM3(f"{checkpoint}\0x"),
        lambda: AstroM3(checkpoint, scaling="published\0x"),
        lambda: AstroM3(checkpoint, isa="scalar\0x"),
        lambda: AstroM3.from_hf("org/model\0x"),
        lambda: AstroM3.from_hf("org/model", cache_dir=f"{tmp_path}\0x"),
    ):
        with pytest.raises(ValueError):
            make()


def test_a_pickle_names_repository_and_commit(hub, curves, expected, tmp_path):
    text = pickle.dumps(AstroM3.from_hf("org/model"))
    assert len(text) < 1024 and f"hf:org/model@{COMMIT}".encode() in text
    shutil.rmtree(tmp_path / "home")  # as on another machine
    code = "import pickle, sys; m, c = pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(m(*c).tobytes())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    payload = pickle.dumps((pickle.loads(text), curves[0]))
    found = subprocess.run(
        [sys.executable, "-c", code], input=payload, capture_output=True, check=True, env=environment
    )
    assert found.stdout == expected[0].tobytes()


def test_what_the_hub_refuses_is_said(hub):
    for arguments, words in (
        ({"repository": "org/other"}, "org/other"),
        ({"repository": "org/model", "revision": "v9"}, "v9"),
        ({"repository": "org/model", "offline": True}, "connections are not allowed"),
    ):
        with pytest.raises(AstroM3Error, match=words) as caught:
            AstroM3.from_hf(**arguments)
        assert caught.value.code == "network_error"
    with pytest.raises(AstroM3Error) as caught:
        AstroM3.from_hf("no name")
    assert caught.value.code == "usage"


def test_ctrl_c_ends_a_download(hub):
    """The hub answers after 20 s; the signal comes after 0.3 s."""
    waiting = threading.Event()

    def fault(handler, request):
        waiting.wait(20)
        return False

    hub.fault = fault
    code = """
import os, signal, sys, threading, time, astrom3
astrom3.version()
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    astrom3.AstroM3.from_hf("org/model")
except KeyboardInterrupt:
    print("interrupted")
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    begin = time.perf_counter()
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    waiting.set()
    assert found.stdout == "interrupted\n", found.stderr
    assert time.perf_counter() - begin < 15


WITHOUT_A_NAME = """
import pickle, sys, astrom3
try:
    model = astrom3.AstroM3()
except astrom3.AstroM3Error as error:
    sys.exit(f"{error.code}: {error}")
assert pickle.loads(pickle.dumps(model)) == model
print(b"bundled" in pickle.dumps(model), model.path)
sys.stdout.flush()
sys.stdout.buffer.write(model(*pickle.load(sys.stdin.buffer)).tobytes())
"""


def test_without_a_name_it_is_the_one_beside_the_library(checkpoint, curves, expected, tmp_path):
    (tmp_path / "lib").mkdir()
    library = shutil.copy(_library.lib._name, tmp_path / "lib" / "libastrom3_c.so")
    bundled = tmp_path / "share/astrom3/models/vstars4"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "ASTROM3_LIBRARY": library}
    environment.pop("ASTROM3_MODEL", None)

    def made(**more):
        command = [sys.executable, "-c", WITHOUT_A_NAME]
        payload = pickle.dumps(curves[0])
        return subprocess.run(command, input=payload, capture_output=True, env={**environment, **more})

    assert re.search(rb"usage: .*from_hf\(\)", made().stderr)
    named = made(ASTROM3_MODEL=str(checkpoint))
    assert named.stdout == f"False {checkpoint}\n".encode() + expected[0].tobytes(), named.stderr
    shutil.copytree(checkpoint, bundled)
    found = made()
    assert found.stdout == f"True {bundled}\n".encode() + expected[0].tobytes(), found.stderr
