# SPDX-License-Identifier: MIT
"""A small hub on 127.0.0.1 that answers as the real one does, or wrong in a way a test asks for."""

import hashlib
import socketserver
import threading
import time

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git_hash(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Request:
    def __init__(self, method, path, headers):
        self.method, self.path, self.headers = method, path, headers


class Handler(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self):
        try:
            while self.one():
                pass
        except (OSError, ValueError):
            pass  # the client went away: tests look at the client

    def one(self):
        line = self.rfile.readline(65536).decode("latin-1").split()
        if len(line) < 3:
            return False
        headers = {}
        while (header := self.rfile.readline(65536).decode("latin-1").strip()):
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        request = Request(line[0], line[1], headers)
        self.server.owner.log.append(request)
        self.server.answer(self, request)
        return False  # one request a connection: what a fault leaves behind ends with it

    def send(self, status, headers=(), body=b"", request=None, length=True):
        """Headers, then the body unless the request was HEAD."""
        head = [f"HTTP/1.1 {status} X", "Connection: close", *(f"{k}: {v}" for k, v in dict(headers).items())]
        if length and "Content-Length" not in dict(headers):
            head.append(f"Content-Length: {len(body)}")
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode())
        if request is None or request.method != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, owner, answer, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.owner, self.answer, self.context = owner, answer, context
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def get_request(self):
        connection, address = super().get_request()
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request, client_address):
        pass  # a client that refuses a certificate


class Log:
    def __init__(self):
        self.log = []


class Hub(Log):
    """The hub and, on another port, the CDN it redirects to. `fault(handler, request)` of either is asked first and
    returns True where it answered."""

    def __init__(self, context=None):
        super().__init__()
        self.cdn = Log()
        self.files, self.absent = {}, set()
        self.commit = COMMIT
        self.fault = self.cdn_fault = None
        self.scheme = "https" if context else "http"
        self._hub = Server(self, self._answer, context)
        self._cdn = Server(self.cdn, self._cdn_answer, context)
        self.endpoint = f"{self.scheme}://127.0.0.1:{self._hub.port}"
        self.cdn_address = f"{self.scheme}://127.0.0.1:{self._cdn.port}"

    def close(self):
        for server in (self._hub, self._cdn):
            server.shutdown()
            server.server_close()

    def add(self, name, data, repository="org/model", large=False):
        self.files[f"/{repository}/resolve", name] = (data, large)

    def clear(self):
        self.log.clear()
        self.cdn.log.clear()

    def _answer(self, handler, request):
        if self.fault and self.fault(handler, request):
            return
        where, _, rest = request.path.partition("/resolve/")
        revision, _, name = rest.partition("/")
        commit = {"X-Repo-Commit": self.commit}
        if (where + "/resolve") not in {place for place, _ in self.files}:
            return handler.send(401, {"X-Error-Code": "RepoNotFound"}, b"Repository not found", request)
        if revision not in ("main", self.commit):
            return handler.send(404, {"X-Error-Code": "RevisionNotFound"}, b"Invalid rev", request)
        if (where + "/resolve", name) not in self.files:
            return handler.send(404, {"X-Error-Code": "EntryNotFound", **commit}, b"Entry not found", request)
        data, large = self.files[where + "/resolve", name]
        if not large:
            return handler.send(200, {"ETag": f'"{git_hash(data)}"', **commit}, data, request)
        sha = hashlib.sha256(data).hexdigest()
        return handler.send(302, {"Location": f"{self.cdn_address}/blob/{sha}?signature=verysecret", "X-Linked-ETag": f'"{sha}"',
                                  "X-Linked-Size": len(data), **commit}, b"Found", request)

    def blob(self, request):
        sha = request.path.partition("?")[0].rpartition("/")[2]
        for data, _ in self.files.values():
            if hashlib.sha256(data).hexdigest() == sha:
                return data
        raise ValueError("no such blob")

    def _cdn_answer(self, handler, request):
        if self.cdn_fault and self.cdn_fault(handler, request):
            return
        self.send_range(handler, request, self.blob(request))

    @staticmethod
    def send_range(handler, request, data, etag='"cdn"'):
        begin = 0
        asked = request.headers.get("range", "")
        if asked.startswith("bytes=") and request.headers.get("if-range", etag) == etag:
            begin = int(asked[6:].rstrip("-"))
        if begin >= len(data) > 0:
            return handler.send(416, {}, b"", request)
        headers = {"ETag": etag, "Content-Type": "application/octet-stream"}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        return handler.send(206 if begin else 200, headers, data[begin:], request)


def cut_after(n, times=1, hub=None):
    """A CDN fault: the connection ends after n bytes of the body, the first `times` times."""
    left = [times]

    def fault(handler, request):
        if left[0] == 0:
            return False
        left[0] -= 1
        data = hub.blob(request)
        begin = int(request.headers["range"][6:-1]) if "range" in request.headers else 0
        headers = {"Content-Length": len(data) - begin, "ETag": '"cdn"'}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        handler.send(206 if begin else 200, headers, data[begin:begin + n])
        return True
    return fault


def stall(seconds):
    time.sleep(seconds)
    return True
