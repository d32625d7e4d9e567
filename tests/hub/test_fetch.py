# SPDX-License-Identifier: MIT
"""astrom3 fetch against a hub that fails in every way a network does. Run with ASTROM3_CLI set.

ASTROM3_HUB_REPEATS (default 1) repeats every case. After each one the cache must hold nothing that is not what its
name says, and the token must have gone to the hub alone and into no output."""

import contextlib
import functools
import hashlib
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import fault_server
from fault_server import COMMIT, Hub, cut_after, git_hash

CLI = os.environ["ASTROM3_CLI"]
TINY = Path(os.environ["ASTROM3_TEST_DATA"]) / "tiny"
REPEATS = int(os.environ.get("ASTROM3_HUB_REPEATS", "1"))
TOKEN = "hf_ThisMustNotBeSeenAnywhere"
WEIGHTS = (TINY / "model.safetensors").read_bytes()
CONFIG = (TINY / "config.json").read_bytes()
SHA = hashlib.sha256(WEIGHTS).hexdigest()


def repeated(test):
    @functools.wraps(test)
    def run(self):
        for k in range(REPEATS):
            if k:
                self.tearDown()
                self.setUp()
            test(self)
    return run


class Fetch(unittest.TestCase):
    context = None

    def setUp(self):
        self.hub = Hub(self.context)
        self.hub.add("config.json", CONFIG)
        self.hub.add("model.safetensors", WEIGHTS, large=True)
        self._folder = tempfile.TemporaryDirectory()
        self.tmp = Path(self._folder.name)
        self.cache = self.tmp / "home" / "hub"
        self.repo = self.cache / "models--org--model"
        self.outputs = ""

    def tearDown(self):
        try:
            self.check_cache()
            self.check_token()
        finally:
            self.hub.close()
            subprocess.run(["chmod", "-R", "u+w", self.tmp], check=False)
            self._folder.cleanup()

    def check_cache(self):
        for blob in self.cache.glob("*/blobs/*"):
            if blob.suffix != ".incomplete":
                data = blob.read_bytes()
                self.assertIn(blob.name, (hashlib.sha256(data).hexdigest(), git_hash(data)), "a corrupt blob")
        for link in self.cache.glob("*/snapshots/**/*"):
            self.assertTrue(link.is_dir() or link.is_symlink() and link.resolve().is_file() and link.resolve().parent.name == "blobs", link)

    def check_token(self):
        self.assertNotIn(TOKEN, self.outputs)
        self.assertNotIn("verysecret", self.outputs)
        for request in self.hub.cdn.log:
            self.assertNotIn("authorization", request.headers)
        for path in self.tmp.rglob("*"):
            if path.is_file():
                self.assertNotIn(TOKEN.encode(), path.read_bytes(), path)

    def environment(self, **more):
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "SSL_")) and "proxy" not in k.lower() and "CA_BUNDLE" not in k}
        return {**plain, "HF_HOME": str(self.tmp / "home"), "HF_ENDPOINT": self.hub.endpoint, "HF_TOKEN": TOKEN,
                "ASTROM3_HUB_RETRY_SECONDS": "0.01", "ASTROM3_HUB_STALL_SECONDS": "1", **more}

    def run_command(self, *args, **env):
        begin = time.monotonic()
        done = subprocess.run([CLI, *map(str, args)], capture_output=True, text=True, env=self.environment(**env), timeout=90, check=False)
        self.assertLess(time.monotonic() - begin, 90)
        self.outputs += done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    def fetch(self, *args, repo="org/model", **env):
        return self.run_command("fetch", repo, *args, **env)

    def assert_fetched(self, result):
        code, out, err = result
        self.assertEqual(code, 0, err)
        folder = Path(out.strip())
        self.assertEqual(folder, self.repo / "snapshots" / COMMIT)
        self.assertEqual((folder / "model.safetensors").read_bytes(), WEIGHTS)
        self.assertEqual((folder / "config.json").read_bytes(), CONFIG)
        self.assertEqual(list(self.repo.glob("blobs/*.incomplete")), [])

    def assert_refused(self, result, *words):
        code, out, err = result
        self.assertEqual((code, out), (7, ""), err)
        self.assertIn("error[network_error]", err)
        for word in words:
            self.assertIn(word, err)
        self.assertFalse((self.repo / "snapshots" / COMMIT / "model.safetensors").exists())


class Normal(Fetch):
    @repeated
    def test_files_lie_as_the_hubs_python_client_lays_them_and_are_not_fetched_twice(self):
        self.assert_fetched(self.fetch())
        self.assertEqual((self.repo / "refs" / "main").read_text(), COMMIT)
        self.assertEqual(os.readlink(self.repo / "snapshots" / COMMIT / "model.safetensors"), f"../../blobs/{SHA}")
        self.assertEqual(os.readlink(self.repo / "snapshots" / COMMIT / "config.json"), f"../../blobs/{git_hash(CONFIG)}")
        self.assertTrue((self.repo / ".no_exist" / COMMIT / "preprocessor_config.json").exists())
        self.assertEqual(self.hub.log[0].headers["authorization"], f"Bearer {TOKEN}")
        self.hub.clear()
        self.assert_fetched(self.fetch(repo=f"org/model@{COMMIT}"))
        self.assertEqual((self.hub.log, self.hub.cdn.log), ([], []), "a commit that is there needs no connection")

    @repeated
    def test_hf_names_work_as_model_and_scaling_comes_with_the_checkpoint(self):
        self.hub.add("preprocessor_config.json", b'{"astrom3_preprocessor": 1, "scaling": "none"}')
        code, _, err = self.run_command("encode", TINY / "cases.safetensors", "--model", "hf:org/model@main", "-o", self.tmp / "o.safetensors")
        self.assertEqual(code, 0, err)
        code, out, err = self.run_command("info", "hf:org/model", "--json", HF_HUB_OFFLINE="1")
        self.assertEqual(code, 0, err)
        info = json.loads(out)
        self.assertEqual((info["sha256"], info["scaling"]["scaling"]), (SHA, "none"))

    @repeated
    def test_upstreams_scaling_is_fetched_for_its_checkpoints(self):
        info = {"all_cols": ["amplitude", "period", "lksl_statistic", "rfr_score"], "mean": [0.5, 0.4, 0.3, 0.8],
                "std": [0.5, 1.0, 0.25, 0.125], "photo_cols": ["amplitude", "period", "lksl_statistic", "rfr_score"],
                "metadata_func": {"log": ["period"]}}
        for repository, seed in (("AstroMLCore/Some", "42"), ("AstroMLCore/AstroM3-CLIP-66", "66")):  # the seed at the end of the name
            for name, data, large in (("config.json", CONFIG, False), ("model.safetensors", WEIGHTS, True)):
                self.hub.add(name, data, repository, large)
            self.hub.add(f"splits/full/{seed}/info.json", json.dumps(info).encode(), "datasets/AstroMLCore/AstroM3Dataset")
            code, out, err = self.run_command("info", f"hf:{repository}", "--json")
            self.assertEqual(code, 0, err)
            self.assertEqual([f["mean"] for f in json.loads(out)["scaling"]["features"].values()], [0.5, 0.4, 0.3, 0.8])
        self.assertTrue((self.cache / "datasets--AstroMLCore--AstroM3Dataset" / "refs" / "main").exists())

    @repeated
    def test_the_published_checkpoint_must_have_the_published_hash(self):
        published = "8904ed332cb9437691932a6d44e9a25a123cf76f"
        self.hub.commit = published
        for name, data, large in (("config.json", CONFIG, False), ("model.safetensors", WEIGHTS, True)):
            self.hub.add(name, data, "AstroMLCore/AstroM3-CLIP-photo", large)
        code, _, err = self.run_command("fetch", "-q")
        self.assertEqual(code, 7, err)
        self.assertIn("05d5f0b8debb292a8b43095cd5c2ed15625c11365a37494d359cbf600565831d", err)
        self.assertIn(SHA, err)
        self.assertTrue(any(published in r.path for r in self.hub.log))

    @repeated
    def test_a_terminal_gets_a_bar_and_nothing_else_does(self):
        self.assertNotIn("MB", self.fetch()[2])
        shutil.rmtree(self.repo)
        cut = cut_after(len(WEIGHTS) // 2, 1, self.hub)
        self.hub.cdn_fault = lambda handler, request: time.sleep(0.2) or cut(handler, request)  # long enough to be shown
        ours, theirs = pty.openpty()
        done = subprocess.run([CLI, "fetch", "org/model"], stdout=subprocess.PIPE, stderr=theirs, text=True, env=self.environment(), timeout=60,
                              check=False)
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError), os.fdopen(ours, "rb", buffering=0) as terminal:  # EIO is its end
            while part := terminal.read(4096):
                said += part
        said = said.decode()
        self.outputs += done.stdout + said
        self.assert_fetched((done.returncode, done.stdout, said))
        self.assertRegex(said, r"model\.safetensors: \d+\.\d MB of \d+\.\d MB \[=* *\]")

    def test_names_that_are_no_repository_are_usage_errors(self):
        for name in ("../../etc", "a/b/c", "/abs", "org/model@../x", "org/..", "org/model@", "a--b/c", "org/mo del"):
            code, _, err = self.run_command("fetch", name)
            self.assertEqual(code, 2, (name, err))


class Faults(Fetch):
    @repeated
    def test_nw01_no_server_no_name(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.assert_refused(self.fetch(HF_ENDPOINT=nobody), "cannot reach", "HF_HUB_OFFLINE")
        self.assert_refused(self.fetch(HF_ENDPOINT="http://no-such-host.invalid"), "cannot reach")
        self.assert_fetched(self.fetch())
        self.assert_fetched(self.fetch(repo=f"org/model@{COMMIT}", HF_ENDPOINT=nobody))  # pinned and whole: no network

    @repeated
    def test_nw02_offline_opens_no_connection_and_loads_no_module(self):
        no_module = {"ASTROM3_HUB_MODULE": str(self.tmp / "none.so")}
        self.assert_refused(self.fetch("--offline", **no_module), "not in the cache")
        self.assert_fetched(self.fetch())
        self.hub.clear()
        self.assert_fetched(self.fetch(HF_HUB_OFFLINE="1", **no_module))
        self.assertEqual(self.hub.log, [])

    @repeated
    def test_nw03_what_is_not_there(self):
        self.assert_refused(self.fetch(repo="org/model@v9"), 'revision "v9" not found')
        del self.hub.files["/org/model/resolve", "model.safetensors"]
        self.assert_refused(self.fetch(), "model.safetensors is not in org/model")
        self.hub.fault = lambda handler, request: handler.send(404, {}, b"") or True
        self.assert_refused(self.fetch(repo="org/model@main"), "not found")

    @repeated
    def test_nw04_what_is_not_allowed(self):
        self.assert_refused(self.fetch(repo="other/private"), "needs a token", "HF_TOKEN was sent")
        self.assert_refused(self.fetch(repo="other/private", HF_TOKEN=""), "set HF_TOKEN")
        self.hub.fault = lambda handler, request: handler.send(403, {"X-Error-Code": "GatedRepo"}, b"") or True
        self.assert_refused(self.fetch(), "accepted licence")

    @repeated
    def test_nw05_busy_servers_are_asked_again(self):
        for status, headers in ((429, {"Retry-After": "0"}), (500, {}), (502, {}), (503, {"Retry-After": "1"})):
            left = [2]

            def busy(handler, request):
                left[0] -= 1
                return left[0] >= 0 and (handler.send(status, headers, b"later", request) or True)
            self.hub.fault = self.hub.cdn_fault = busy
            shutil.rmtree(self.repo, ignore_errors=True)
            self.assert_fetched(self.fetch())
        shutil.rmtree(self.repo)
        self.hub.clear()
        self.hub.fault = lambda handler, request: handler.send(503, {}, b"", request) or True
        self.assert_refused(self.fetch(), "HTTP 503")
        self.assertEqual(len(self.hub.log), 5)

    @repeated
    def test_nw06_redirects(self):
        def to(location):
            return lambda handler, request: handler.send(302, {"Location": location}, b"moved", request) or True
        self.hub.cdn_fault = lambda handler, request: "hop" not in request.path and (
            handler.send(302, {"Location": request.path.replace("blob", "hop")}, b"", request) or True)
        self.assert_fetched(self.fetch())
        # A repository that was renamed, or small files as the hub serves them now: relative, then the answer itself.
        shutil.rmtree(self.repo)
        self.hub.fault = lambda handler, request: request.path.startswith("/org/old") and (
            handler.send(307, {"Location": request.path.replace("/org/old", "/org/model")}, b"", request) or True)
        code, out, err = self.fetch(repo="org/old")
        self.assertEqual((code, (Path(out.strip()) / "config.json").read_bytes()), (0, CONFIG), err)
        # A mirror that sends everybody to the hub: it gets the token, being the endpoint; the hub does not.
        mirror = Hub()
        mirror.fault = lambda handler, request: handler.send(308, {"Location": self.hub.endpoint + request.path}, b"", request) or True
        self.hub.fault = None
        self.hub.clear()
        self.assert_fetched(self.fetch(HF_ENDPOINT=mirror.endpoint))
        mirror.close()
        self.assertTrue(all("authorization" not in request.headers for request in self.hub.log))
        for location, words in (("file:///etc/passwd", "no http or https"), ("ftp://127.0.0.1/x", "no http or https"), ("", "no http")):
            shutil.rmtree(self.repo)
            self.hub.cdn_fault = to(location)
            self.assert_refused(self.fetch(), words)
        shutil.rmtree(self.repo)
        self.hub.cdn_fault = lambda handler, request: handler.send(302, {"Location": request.path + "x"}, b"", request) or True
        self.hub.clear()
        self.assert_refused(self.fetch(), "more than 5 redirects")
        self.assertEqual(len(self.hub.cdn.log), 6)
        self.hub.fault = lambda handler, request: handler.send(307, {"Location": request.path}, b"", request) or True
        self.assert_refused(self.fetch(), "more than 5 redirects")

    @repeated
    def test_nw07_a_body_that_ends_early_is_resumed(self):
        self.hub.cdn_fault = cut_after(20000, 3, self.hub)
        self.assert_fetched(self.fetch())
        ranges = [r.headers.get("range") for r in self.hub.cdn.log]
        self.assertEqual(ranges, [None, "bytes=20000-", "bytes=40000-", "bytes=60000-"])
        self.assertEqual(self.hub.cdn.log[1].headers["if-range"], '"cdn"')
        shutil.rmtree(self.repo)
        self.hub.cdn_fault = cut_after(10, 99, self.hub)
        self.assert_refused(self.fetch())

    @repeated
    def test_nw08_bodies_too_long_or_without_length_or_cut_in_a_chunk(self):
        self.hub.cdn_fault = lambda handler, request: handler.send(200, {}, WEIGHTS + b"x" * 100000, length=False) or True
        self.assert_refused(self.fetch(), "more than")
        self.hub.cdn_fault = lambda handler, request: handler.send(200, {}, WEIGHTS, length=False) or True
        self.assert_fetched(self.fetch())
        shutil.rmtree(self.repo)
        left = [1]

        def chunked(handler, request):
            left[0] -= 1
            body = b"%x\r\n" % 9000 + WEIGHTS[:5000]
            return left[0] >= 0 and (handler.send(200, {"Transfer-Encoding": "chunked"}, body, length=False) or True)
        self.hub.cdn_fault = chunked
        self.assert_fetched(self.fetch())

    @repeated
    def test_nw09_wrong_bytes_of_the_right_size_are_fetched_once_more(self):
        wrong = bytes(len(WEIGHTS))
        left = [1]

        def fault(handler, request):
            left[0] -= 1
            return left[0] >= 0 and (handler.send(200, {}, wrong) or True)
        self.hub.cdn_fault = fault
        self.assert_fetched(self.fetch())
        shutil.rmtree(self.repo)
        left[0] = 99
        self.assert_refused(self.fetch(), SHA, hashlib.sha256(wrong).hexdigest())
        self.assertEqual(left[0], 97)
        self.assertEqual(list(self.repo.glob("blobs/*incomplete")), [])
        left[0] = 0
        self.hub.fault = lambda handler, request: request.method == "GET" and request.path.endswith("config.json") and (
            handler.send(200, {}, b" " * len(CONFIG)) or True)
        shutil.rmtree(self.repo)
        self.assert_refused(self.fetch(), git_hash(CONFIG))  # small files have git's hash

    @repeated
    def test_nw10_servers_that_do_not_understand_ranges(self):
        def whole(handler, request):
            return "range" in request.headers and (handler.send(200, {}, WEIGHTS) or True)

        def elsewhere(handler, request):
            return "range" in request.headers and (handler.send(206, {"Content-Range": f"bytes 7-{len(WEIGHTS) - 1}/{len(WEIGHTS)}"}, WEIGHTS[7:]) or True)

        def unsatisfiable(handler, request):
            return "range" in request.headers and (handler.send(416, {}, b"") or True)
        for answer in (whole, elsewhere, unsatisfiable):
            cut = cut_after(5000, 1, self.hub)
            self.hub.cdn_fault = lambda handler, request: cut(handler, request) or answer(handler, request)
            shutil.rmtree(self.repo, ignore_errors=True)
            self.assert_fetched(self.fetch())

    @repeated
    def test_nw11_a_file_that_changes_between_two_parts_is_begun_again(self):
        cut = cut_after(5000, 1, self.hub)

        def changed(handler, request):
            if cut(handler, request):
                return True
            if "range" not in request.headers:
                return False
            begin = int(request.headers["range"][6:-1])
            handler.send(206, {"Content-Range": f"bytes {begin}-{len(WEIGHTS) - 1}/{len(WEIGHTS)}", "ETag": '"other"'}, WEIGHTS[begin:])
            return True
        self.hub.cdn_fault = changed
        self.assert_fetched(self.fetch())
        self.assertEqual([r.headers.get("range") for r in self.hub.cdn.log], [None, "bytes=5000-", None])

    @repeated
    def test_nw12_too_slow_is_an_end(self):
        def drip(handler, request):
            handler.send(200, {"Content-Length": len(WEIGHTS)}, b"")
            for _ in range(40):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.1)
            return True
        begin = time.monotonic()
        self.hub.cdn_fault = drip
        self.assert_refused(self.fetch(), "too slow")
        shutil.rmtree(self.repo)
        left = [1]

        def once(handler, request):
            left[0] -= 1
            return left[0] >= 0 and fault_server.stall(2.5)
        self.hub.cdn_fault = once
        self.assert_fetched(self.fetch())
        self.assertLess(time.monotonic() - begin, 90)

    @repeated
    def test_nw13_a_portal_in_the_hubs_place(self):
        page = b"<!DOCTYPE html><html>Sign in</html>"
        self.hub.fault = lambda handler, request: handler.send(200, {"Content-Type": "text/html; charset=utf-8"}, page, request) or True
        self.assert_refused(self.fetch(), "received HTML")
        self.hub.fault = None
        for headers in ({"Content-Type": "text/html"}, {}):
            self.hub.cdn_fault = lambda handler, request: handler.send(200, headers, page, request) or True
            self.assert_refused(self.fetch(), "received HTML")

    @repeated
    def test_nw14_a_pointer_in_the_files_place(self):
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA}\nsize {len(WEIGHTS)}\n".encode()
        self.hub.cdn_fault = lambda handler, request: handler.send(200, {}, pointer, request) or True
        self.assert_refused(self.fetch(), "Git LFS pointer")

    @repeated
    def test_nw15_nothing_is_decoded(self):
        self.hub.cdn_fault = lambda handler, request: handler.send(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + bytes(100), request) or True
        self.assert_refused(self.fetch(), "Content-Encoding gzip")
        self.assertEqual(self.hub.cdn.log[0].headers["accept-encoding"], "identity")

    @repeated
    def test_nw17_headers_without_end_and_no_http(self):
        def flood(handler, request):
            handler.wfile.write(b"HTTP/1.1 200 X\r\n")
            for k in range(20000):
                handler.wfile.write(b"X-%d: %s\r\n" % (k, b"y" * 100))
            return True

        def long_line(handler, request):
            handler.wfile.write(b"HTTP/1.1 200 X\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n")
            return True
        for fault in (flood, long_line, lambda handler, request: handler.wfile.write(b"no http at all\r\n\r\n") or True):
            self.hub.fault = fault
            self.assert_refused(self.fetch(), "not HTTP")

    @repeated
    def test_nw18_two_processes_want_the_same(self):
        slow = [1]

        def fault(handler, request):
            if slow[0]:
                slow[0] = 0
                time.sleep(0.8)
            return False
        self.hub.cdn_fault = fault
        processes = [subprocess.Popen([CLI, "fetch", "org/model", "-q"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                      env=self.environment(ASTROM3_HUB_STALL_SECONDS="10")) for _ in range(3)]
        for process in processes:
            out, err = process.communicate(timeout=60)
            self.outputs += out + err
            self.assert_fetched((process.returncode, out, err))
        self.assertEqual(len(self.hub.cdn.log), 1, "one of them fetched, the others waited")

    @repeated
    def test_nw19_a_killed_download_is_resumed(self):
        def pauses(handler, request):
            if "range" in request.headers:
                return False
            handler.send(200, {"Content-Length": len(WEIGHTS)}, WEIGHTS[:30000])
            return fault_server.stall(8)
        self.hub.cdn_fault = pauses
        for number in (signal.SIGKILL, signal.SIGTERM):
            shutil.rmtree(self.repo, ignore_errors=True)
            process = subprocess.Popen([CLI, "fetch", "org/model", "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=self.environment(ASTROM3_HUB_STALL_SECONDS="20"))
            incomplete = self.repo / "blobs" / f"{SHA}.incomplete"
            deadline = time.monotonic() + 20
            while not (incomplete.exists() and incomplete.stat().st_size == 30000) and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=20), -9 if number == signal.SIGKILL else 143)
            self.assertFalse((self.repo / "blobs" / SHA).exists())
            self.check_cache()
            self.hub.clear()
            self.assert_fetched(self.fetch())
            self.assertEqual(self.hub.cdn.log[0].headers["range"], "bytes=30000-")

    @repeated
    def test_nw20_a_cache_that_takes_nothing(self):
        blocked = self.tmp / "file"
        blocked.write_text("not a folder")
        self.assert_refused(self.fetch("--cache-dir", blocked / "cache"), "--cache-dir")
        done = subprocess.run(["bash", "-c", f'ulimit -f 40; trap "" XFSZ; exec "{CLI}" fetch org/model -q'], capture_output=True, text=True,
                              env=self.environment(), timeout=60, check=False)  # a disk that fills after 40 KiB
        self.outputs += done.stdout + done.stderr
        self.assert_refused((done.returncode, done.stdout, done.stderr), "cannot write into the cache", "--cache-dir")
        self.assert_fetched(self.fetch())

    @repeated
    def test_nw21_a_blob_damaged_later_is_fetched_again_or_refused(self):
        self.assert_fetched(self.fetch())
        blob = self.repo / "blobs" / SHA
        for pinned in ("org/model", f"org/model@{COMMIT}"):
            data = bytearray(WEIGHTS)
            data[len(data) // 2] ^= 1
            blob.write_bytes(data)
            self.assert_fetched(self.fetch(repo=pinned))
        blob.write_bytes(data)
        code, _, err = self.fetch("--offline")
        self.assertEqual(code, 7, err)
        self.assertIn("damaged", err)
        blob.write_bytes(WEIGHTS)

    @repeated
    def test_nw22_names_of_the_hub_do_not_become_paths(self):
        for header, value in (("X-Linked-ETag", '"../../../../x"'), ("X-Linked-ETag", '"/etc/passwd"'), ("X-Linked-ETag", '".."'),
                              ("X-Repo-Commit", "../../../x"), ("X-Repo-Commit", "A" * 40), ("X-Linked-ETag", '"' + "a" * 300 + '"')):
            answer = {"X-Repo-Commit": COMMIT, "X-Linked-ETag": f'"{SHA}"', "Content-Disposition": "attachment; filename=../../x", header: value}
            self.hub.fault = lambda handler, request: request.path.endswith("safetensors") and (
                handler.send(302, {"Location": self.hub.cdn_address + "/blob/" + SHA, **answer}, b"", request) or True)
            self.assert_refused(self.fetch())
        self.assertEqual({p.name for p in self.tmp.iterdir()}, {"home"})


if __name__ == "__main__":
    unittest.main()
