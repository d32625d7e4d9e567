# SPDX-License-Identifier: MIT
"""astrom3 fetch over TLS: good certificates and bad ones. Run with ASTROM3_CLI set."""

import shutil
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from fault_server import Hub
from test_fetch import CONFIG, WEIGHTS, Fetch, repeated


class Certificates(Fetch):
    """NW16: certificates that are good, of nobody known, of another host, and of yesterday."""

    @classmethod
    def setUpClass(cls):
        if shutil.which("openssl") is None:
            raise unittest.SkipTest("openssl is not there to make certificates")
        cls.keys = Path(tempfile.mkdtemp())
        cls.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test CA")
        (cls.keys / "index.txt").touch()
        (cls.keys / "serial").write_text("01\n")
        (cls.keys / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ncertificate=ca.pem\n"
                                         "private_key=ca.key\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n")
        for name, host, end in (("good", "127.0.0.1", "20991231235959Z"), ("other", "127.0.0.9", "20991231235959Z"), ("old", "127.0.0.1", "20010101000000Z")):
            cls.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=hub", "-addext", f"subjectAltName=IP:{host}")
            cls.openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-startdate", "20000101000000Z", "-enddate", end, "-notext")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.keys)

    @classmethod
    def openssl(cls, *args):
        subprocess.run(["openssl", *args], cwd=cls.keys, check=True, capture_output=True)

    @repeated
    def test_nw16_only_a_good_certificate_will_do(self):
        for name, ca, good in (("good", True, True), ("good", False, False), ("other", True, False), ("old", True, False)):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.keys / f"{name}.pem", self.keys / f"{name}.key")
            self.hub.close()
            self.hub = Hub(context)
            self.hub.add("config.json", CONFIG)
            self.hub.add("model.safetensors", WEIGHTS, large=True)
            shutil.rmtree(self.repo, ignore_errors=True)
            result = self.fetch(**({"SSL_CERT_FILE": str(self.keys / "ca.pem")} if ca else {}))
            if good:
                self.assert_fetched(result)
            else:
                self.assert_refused(result, "certificate")
        # From https no redirect leads back to http.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.keys / "good.pem", self.keys / "good.key")
        self.hub.close()
        self.hub = Hub(context)
        self.hub.add("config.json", CONFIG)
        self.hub.add("model.safetensors", WEIGHTS, large=True)
        self.hub.cdn_fault = lambda handler, request: handler.send(302, {"Location": "http://127.0.0.1:1/x"}, b"", request) or True
        shutil.rmtree(self.repo, ignore_errors=True)
        self.assert_refused(self.fetch(SSL_CERT_FILE=str(self.keys / "ca.pem")), "from https to http")


if __name__ == "__main__":
    unittest.main()
