# SPDX-License-Identifier: MIT
"""What a small file may cost: memory, disk and time are bounded (docs/security.md). Run with ASTROM3_CLI set."""

import gzip
import os
import resource
import subprocess
import unittest

from test_cli import CLI, SLOWER, CommandLine, light_curve, write_csv

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30


def limited(*args, stdin=subprocess.DEVNULL, env=None, address_space=4 * GIBIBYTE):
    """(exit code, all output, seconds of processor time) of a command that may not take more memory."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([CLI, *map(str, args)], stdin=stdin, capture_output=True, timeout=120 * SLOWER, check=False, preexec_fn=limit,
                          env={**os.environ, **(env or {})})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"), seconds


class Costs(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "star.csv", light_curve(40))

    # ---- memory ----

    def write_parquet(self, name, columns, **options):
        pyarrow = __import__("pyarrow")
        path = self.tmp / name
        __import__("pyarrow.parquet").parquet.write_table(pyarrow.table(columns), path, compression="zstd", **options)
        self.assertLess(path.stat().st_size, 8 * MEBIBYTE)
        return path

    def test_a_dictionary_of_one_long_text_is_counted_where_it_is_spread(self):  # RC04
        pyarrow = __import__("pyarrow")
        n = 30_000
        numbers = {name: pyarrow.array([float(i) for i in range(n)]) for name in ("time", "flux")}
        errors = pyarrow.array([0.1] * n)
        for column in ("object_id", "band", "quality"):
            text = "x" * (2 * MEBIBYTE)
            values = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * n, pyarrow.int32()), pyarrow.array([text]))
            table = {**numbers, "flux_err": errors, column: values}
            path = self.write_parquet(f"{column}.parquet", table)
            args = ("--where", "quality=good") if column == "quality" else ()
            code, text, _ = limited("features", path, "--check", *args)
            self.assertEqual(code, 3, text)
            self.assertIn("bad_parquet", text)
            self.assertIn(f"{column}.parquet", text)
            self.assertIn(f'"{column}"', text)
            self.assertIn("decompression bomb", text)

    def test_rows_without_a_list_beside_a_long_one_are_counted(self):  # RC04
        pyarrow = __import__("pyarrow")
        n = 60_000
        for first in (0, n - 1):
            lists = [None] * n
            lists[first] = [0.5] * 200_000
            path = self.write_parquet("e.parquet", {"object_id": [str(i) for i in range(n)],
                                                    "embedding": pyarrow.array(lists, pyarrow.list_(pyarrow.float32()))})
            code, text, _ = limited("outliers", path, "-o", self.tmp / "o.csv")
            self.assertEqual(code, 5, text)
            self.assertIn('e.parquet: "embedding": ', text)
            self.assertIn("decompression bomb", text)

    def test_runs_of_equal_values_in_lists_are_counted(self):  # RC04
        pyarrow, numpy = __import__("pyarrow"), __import__("numpy")
        n = 90_000_000
        zeros = pyarrow.array(numpy.zeros(n, numpy.int8))
        lists = {name: pyarrow.ListArray.from_arrays(pyarrow.array([0, n], pyarrow.int32()), zeros) for name in ("time", "flux", "flux_err")}
        path = self.write_parquet("lists.parquet", {"object_id": ["a"], **lists})
        code, text, _ = limited("features", path, "--check")
        self.assertEqual(code, 3, text)
        self.assertIn("decompression bomb", text)

    def test_a_list_and_the_notes_of_a_catalogue_have_a_most(self):  # RC09
        long_list = self.tmp / "list.txt"
        long_list.write_text("a.csv\n")
        os.truncate(long_list, 3 * GIBIBYTE)
        code, text, _ = limited("features", f"@{long_list}", "-o", self.tmp / "o.csv", address_space=GIBIBYTE)
        self.assertEqual(code, 5, text)
        self.assertIn("at most 256 MiB", text)
        folder = self.tmp / "collection"
        folder.mkdir()
        (folder / "collection.properties").touch()
        os.truncate(folder / "collection.properties", 3 * GIBIBYTE)
        code, text, _ = limited("features", "-r", folder, "-o", self.tmp / "o.csv", address_space=GIBIBYTE)
        self.assertEqual(code, 5, text)
        self.assertIn("collection.properties: is 3221225472 bytes", text)

    # ---- standard input ----

    def test_stdin_that_is_no_table_is_refused_before_it_is_copied(self):  # RC05
        nowhere = {"TMPDIR": str(self.tmp / "nowhere")}  # a copy would fail
        with open("/dev/zero", "rb") as zero:
            code, text, _ = limited("inspect", "-", stdin=zero, env=nowhere)
        self.assertEqual(code, 3, text)
        self.assertIn("not_text", text)
        for beginning in (b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", "time,flux\n".encode("utf-16"), gzip.compress(b"\0" * MEBIBYTE)):
            path = self.tmp / "beginning"
            path.write_bytes(beginning)
            endless = subprocess.Popen(["bash", "-c", f'cat "{path}" /dev/zero'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            try:
                code, text, _ = limited("inspect", "-", stdin=endless.stdout, env=nowhere)
            finally:
                endless.kill()
                endless.communicate()
            self.assertEqual(code, 3, text)
            self.assertRegex(text, "not_text|bad_encoding")

    def test_stdin_without_end_is_copied_up_to_a_most(self):  # RC05
        for line in ("1,2,0.1", "time,flux,flux_err", ""):
            endless = subprocess.Popen(["yes", line], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            try:
                code, text, _ = limited("features", "-", "--memory", "2M", "-o", self.tmp / "o.csv", stdin=endless.stdout)
            finally:
                endless.kill()
                endless.communicate()
            self.assertEqual(code, 3, text)
            self.assertIn("has more than the 32 MiB that are copied", text)
            self.assertIn("--memory", text)

    def test_stdin_that_is_a_file_is_not_copied(self):  # RC05
        text = self.star.read_text()
        for before, expected in (("", 0), ("a line that was read before\n", 3)):
            path = self.tmp / "input.csv"
            path.write_text(before + text)
            with open(path) as file:
                os.lseek(file.fileno(), len(before), os.SEEK_SET)  # from there on it has to be copied
                code, said, _ = limited("features", "-", "--period-min", "1", "-o", self.tmp / "o.csv", "--memory", "1M", stdin=file,
                                        env={"TMPDIR": str(self.tmp / "nowhere")})
            self.assertEqual(code, expected, said)
        self.assertEqual((self.tmp / "o.csv").read_text().count("io_error"), 1)

    # ---- time ----

    def test_time_is_linear_in_the_length_of_a_text(self):  # RC08
        """Eight times the lines may take 8 times as long, and what starting takes; of a quadratic reader 64 times."""
        header = "object_id,time,flux,flux_err\n"
        texts = {"quotes that never pair": lambda n: header + 'a","b\n' * n,
                 "quotes that pair over two lines": lambda n: header + 'a,",b\n' * n,
                 "quotes between blanks": lambda n: header.replace(",", " ") + 'a " " b\n' * n,
                 "one quote, then none": lambda n: header + 'a,"1\n' + "a,1,2,0.1\n" * n,
                 "blank lines": lambda n: "\n" * n + header + "a,1,2,0.1\n",
                 "blank lines of old Macintosh": lambda n: "\r" * n + header.replace("\n", "\r") + "a,1,2,0.1\r",
                 "comments in front": lambda n: "# c\n" * n + header + "a,1,2,0.1\n",
                 "comments among rows": lambda n: header + "#a,1,2,0.1\n" * n,
                 "the header again": lambda n: header * n + "a,1,2,0.1\n",
                 "columns": lambda n: header.strip() + "".join(f",c{i}" for i in range(n // 20)) + "\n",
                 "entries of ECSV": lambda n: "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a,\n" + "# {\n" * n}
        for name, text in texts.items():
            path, seconds = self.tmp / "t.csv", []
            for n in (20_000, 160_000):
                path.write_text(text(n))
                seconds.append(limited("inspect", path, address_space=2 * GIBIBYTE)[2])
            self.assertLess(seconds[1], 20 * seconds[0] + 0.5, f"{name}: {seconds}")

    def test_ids_that_collide_under_the_standard_hash_are_told_apart(self):  # RC03
        ids = collisions(4)
        tables = []
        for name in ids:
            tables.append(self.tmp / f"{len(tables)}.csv")
            tables[-1].write_text("object_id,time,flux,flux_err\n" + "".join(f"{name},{t},{f},{e}\n" for t, f, e in light_curve(30)))
        code, text, _ = limited("features", *tables, "--unique-ids", "--check")
        self.assertEqual(code, 0, text)
        streamed = self.tmp / "streamed.csv"  # more than --memory: what was met is remembered by its hash
        streamed.write_text("object_id,time,flux,flux_err\n" + "".join(
            f"{name},{t},{f},{e}\n" for name in (*(f"fill{i}" for i in range(1500)), *ids) for t, f, e in light_curve(30)))
        code, text, _ = limited("features", streamed, "--memory", "1M", "--check")
        self.assertEqual(code, 0, text)
        self.assertIn("1504 objects, 1504 ok", text)


MASK = (1 << 64) - 1
MULTIPLIER = (0xc6a4a793 << 32) + 0x5bd1e995
INVERSE = pow(MULTIPLIER, -1, 1 << 64)


def mixed(value):
    return value ^ value >> 47


def collisions(n, target=0x1234):
    """n texts of 16 printable bytes with one std::hash, as libstdc++ has it."""
    # libstdc++ has MurmurHash64A with the seed 0xc70f6907. A second half is found for any first one by inverting it, and
    # of some thousands of them one is printable.
    numpy = __import__("numpy")
    rng = numpy.random.default_rng(1)
    multiplier, inverse = numpy.uint64(MULTIPLIER), numpy.uint64(INVERSE)
    mix = lambda values: values ^ values >> numpy.uint64(47)  # noqa: E731
    # hash = mix(mix(h) * m), h before that is what both halves have to give
    h = mixed(target)
    h = h * INVERSE & MASK
    h = mixed(h)
    h = h * INVERSE & MASK  # before the last multiplication
    found = []
    allowed = numpy.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.:;!~^()[]{}<>@$%&*/?|", numpy.uint8)
    while len(found) < n:
        first = rng.choice(allowed, (1 << 20, 8)).view("<u8").reshape(-1)
        with numpy.errstate(over="ignore"):
            state = numpy.uint64((0xc70f6907 ^ 16 * MULTIPLIER) & MASK)
            state = (state ^ mix(first * multiplier) * multiplier) * multiplier
            second = mix((state ^ numpy.uint64(h)) * inverse) * inverse
        letters = second.view(numpy.uint8).reshape(-1, 8)
        for i in numpy.flatnonzero(numpy.isin(letters, allowed).all(axis=1)):
            found.append((first[i].tobytes() + second[i].tobytes()).decode())
    return found[:n]


if __name__ == "__main__":
    unittest.main()
