# SPDX-License-Identifier: MIT
"""The first signal ends whatever reads or waits within two seconds. Run with ASTROM3_CLI set."""

import gzip
import json
import os
import shutil
import signal
import struct
import subprocess
import time
import unittest

from test_cli import CLI, SLOWER, TINY, CommandLine, light_curve, run, write_csv

SECONDS = 2 * SLOWER
TERABYTES = 1 << 42


def many_stars(path, n):
    """A long table of n objects of three observations."""
    rows = [f"star{i:04d},{t},{f},0.1\n" for i in range(n) for t, f in ((1, 2), (2.5, 3), (4, 2.2))]
    path.write_text("object_id,time,flux,flux_err\n" + "".join(rows))
    return path


class Stops(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "star.csv", light_curve(40))

    def endless(self, name, beginning):
        """A sparse file: `beginning`, then terabytes of NUL."""
        path = self.tmp / name
        path.write_bytes(beginning)
        try:
            os.truncate(path, TERABYTES)
        except OSError as error:
            self.skipTest(f"no file may be as long here: {error}")
        return path

    def assert_stops(self, *args, number=signal.SIGTERM, stdin=subprocess.DEVNULL, after=0.7):
        process = subprocess.Popen([CLI, *map(str, args)], stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            time.sleep(after)
            self.assertIsNone(process.poll(), f"{args} ended before the signal")
            process.send_signal(number)
            began = time.monotonic()
            _, err = process.communicate(timeout=30 * SLOWER)
            self.assertLess(time.monotonic() - began, SECONDS, args)
            self.assertEqual(process.returncode, 128 + number, err)
        finally:
            process.kill()
            process.wait()

    def test_a_silent_stdin(self):  # RC06
        for command in (("features", "-", "-o", self.tmp / "o.csv"), ("inspect", "-"), ("periodogram", "-")):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                reader, writer = os.pipe()
                try:
                    self.assert_stops(*command, number=number, stdin=reader)
                finally:
                    os.close(reader)
                    os.close(writer)

    def test_a_stdin_that_gives_a_line_now_and_then(self):  # RC06
        chatty = subprocess.Popen(["bash", "-c", "echo time,flux,flux_err; while sleep 0.1; do echo 1,2,0.1; done"], stdout=subprocess.PIPE)
        try:
            self.assert_stops("features", "-", "-o", self.tmp / "o.csv", stdin=chatty.stdout)
        finally:
            chatty.kill()
            chatty.communicate()

    def test_an_output_that_nobody_reads(self):
        pipe = self.tmp / "pipe"
        os.mkfifo(pipe)
        self.assert_stops("features", self.star, "-o", pipe, "--to", "csv")  # waits for a reader
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        many = many_stars(self.tmp / "many.csv", 1000)  # more rows than the pipe holds
        try:
            self.assert_stops("features", many, "-o", pipe, "--to", "csv", after=4)
        finally:
            os.close(reader)

    def test_a_line_without_end(self):  # RC06
        table = write_csv(self.tmp / "long.csv", light_curve(5000)).read_bytes()  # more than what shows that it is text
        self.assert_stops("features", self.endless("rows.csv", table), "-o", self.tmp / "o.csv")
        self.assert_stops("inspect", self.endless("inspected.csv", table))

    def test_the_data_before_a_table_of_fits(self):  # RC06
        cards = ["SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    1",
                 f"NAXIS1  = {TERABYTES - (1 << 20):20d}", "END"]
        fits = self.endless("image.fits", "".join(card.ljust(80) for card in cards).ljust(2880).encode())
        self.assert_stops("inspect", fits)

    def test_a_tensor_that_nobody_uses(self):  # RC06
        model = self.tmp / "model"
        shutil.copytree(TINY, model)
        weights = (TINY / "model.safetensors").read_bytes()
        size = struct.unpack("<Q", weights[:8])[0]
        header, data = json.loads(weights[8:8 + size]), weights[8 + size:]
        elements = TERABYTES // 8
        header["unused"] = {"dtype": "F32", "shape": [elements], "data_offsets": [len(data), len(data) + 4 * elements]}
        text = json.dumps(header).encode()
        beginning = struct.pack("<Q", len(text)) + text + data
        (model / "model.safetensors").write_bytes(beginning)
        try:
            os.truncate(model / "model.safetensors", len(beginning) + 4 * elements)
        except OSError as error:
            self.skipTest(f"no file may be as long here: {error}")
        self.assert_stops("info", model)

    def test_blank_lines_and_comments_that_are_compressed(self):  # RC06
        for name, line in (("blank", b"\n"), ("comments", b"# %07d a line of a comment\n"), ("quotes", b'a","b%07d\n')):
            path = self.tmp / f"{name}.csv.gz"
            with gzip.open(path, "wb", compresslevel=1) as file:
                if name == "quotes":
                    file.write(b"object_id,time,flux,flux_err\n")
                block = b"".join(line % i if b"%" in line else line for i in range(200_000))
                file.write(block)
            member = path.read_bytes()
            with open(path, "ab") as file:  # a file of members without end, as far as anybody waits
                for _ in range(max(1, (600 << 20) // max(len(member), 1 << 20))):
                    file.write(member)
            code, _, _ = run("inspect", path, env={}) if path.stat().st_size < 1 << 20 else (None, "", "")
            if code is not None:  # blank lines compress so well that they are refused as a bomb at once
                self.assertEqual(code, 3)
                continue
            self.assert_stops("inspect", path, after=0.4)
            if name == "comments":
                self.assert_stops("features", self.star, "--features", path, "-o", self.tmp / "o.csv", after=0.4)


if __name__ == "__main__":
    unittest.main()
