# SPDX-License-Identifier: MIT
"""Runs into a folder of parts: whatever ends them, they go on and come out the same. Run with ASTROM3_CLI set."""

import fcntl
import hashlib
import json
import math
import os
import pty
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

CLI = os.environ["ASTROM3_CLI"]
N_STARS = 23
PART = 5


def run(*args, env=None):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, text=True, timeout=120, check=False,
                          env={**environment, **(env or {})})
    return done.returncode, done.stderr


def write_table(path, n_stars=N_STARS, bad=(4, 11)):
    """A long table; the stars in `bad` hold a word where a number should be."""
    lines = ["object_id,hjd,flux,flux_err"]
    for star in range(n_stars):
        for i in range(30):
            t = 2457000.25 + 1.1 * i + 0.013 * ((i * 7919 + star) % 89)
            flux = 40 + 3 * math.sin(2 * math.pi * t / (0.6 + 0.01 * star))
            text = "oops" if star in bad and i == 3 else repr(flux)
            lines.append(f"star{star:03},{t!r},{text},0.05")
    path.write_text("\n".join(lines) + "\n")
    return path


def contents(folder):
    """name -> SHA-256 of what must not depend on how often a run was interrupted."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path(folder).iterdir()) if path.name != "_summary.json"}


class Parts(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.table = write_table(self.folder / "stars.csv")
        self.out = self.folder / "out"

    def features(self, *args, out=None, inputs=None, env=None, part=PART):
        return run("features", *(inputs or [self.table]), "-o", f"{out or self.out}/", "--part-objects", part,
                   "--threads", 2, *args, env=env)

    def reference(self):
        folder = self.folder / "reference"
        self.assertEqual(self.features(out=folder)[0], 3)
        return contents(folder)

    def test_parts_divide_the_objects_in_input_order(self):
        code, text = self.features()
        self.assertEqual(code, 3, text)  # two stars are rejected
        names = [path.name for path in sorted(self.out.iterdir())]
        self.assertEqual(names, ["_manifest.jsonl", "_rejects.jsonl", "_summary.json",
                                 *(f"part-{i:06}.parquet" for i in range(5))])
        lines = [json.loads(line) for line in (self.out / "_manifest.jsonl").read_text().splitlines()]
        self.assertEqual([line["objects"] for line in lines[1:-1]], [5, 5, 5, 5, 3])
        self.assertEqual(lines[-1], {"complete": True, "parts": 5, "objects": N_STARS})
        for line in lines[1:-1]:
            part = (self.out / line["file"]).read_bytes()
            self.assertEqual(hashlib.sha256(part).hexdigest(), line["sha256"])
        rejects = [json.loads(line) for line in (self.out / "_rejects.jsonl").read_text().splitlines()]
        self.assertEqual([r["object_id"] for r in rejects], ["star004", "star011"])
        summary = json.loads((self.out / "_summary.json").read_text())
        self.assertEqual((summary["objects"], summary["ok"], summary["rejected"]),
                         (N_STARS, N_STARS - 2, {"not_a_number": 2}))

    def test_a_folder_with_a_run_needs_resume_or_force(self):  # CL08, OU06, CL11
        reference = self.reference()
        self.assertEqual(self.features()[0], 3)
        code, text = self.features()
        self.assertEqual(code, 6)
        self.assertIn("--resume", text)
        self.assertEqual(self.features("--resume", "--force")[0], 2)
        self.assertEqual(self.features("--resume")[0], 3)
        self.assertEqual(contents(self.out), reference)
        self.assertEqual(self.features("--force")[0], 3)
        self.assertEqual(contents(self.out), reference)

    def test_a_folder_of_something_else_is_refused(self):  # OU06
        self.out.mkdir()
        (self.out / "thesis.tex").write_text("x")
        for more in ([], ["--resume"]):
            self.assertEqual(self.features(*more)[0], 6)
        (self.out / "part-000000.parquet.tmp.final").write_text("x")  # somebody's own
        (self.out / "_summary.json.tmp.1").write_text("x")
        self.assertEqual(self.features("--resume")[0], 6)
        self.assertEqual(len(list(self.out.iterdir())), 3)

    def test_resume_makes_missing_torn_and_corrupt_parts_again(self):  # OU12
        reference = self.reference()
        damages = {
            "missing": lambda: (self.out / "part-000001.parquet").unlink(),
            "empty": lambda: (self.out / "part-000002.parquet").write_bytes(b""),
            "cut": lambda: os.truncate(self.out / "part-000000.parquet", 100),
            "flipped": lambda: flip(self.out / "part-000003.parquet", 200),
            "rejects": lambda: flip(self.out / "_rejects.jsonl", 10),
            "torn manifest": lambda: os.truncate(self.out / "_manifest.jsonl",
                                                 (self.out / "_manifest.jsonl").stat().st_size - 40),
            "longer rejects": lambda: append(self.out / "_rejects.jsonl", b'{"file": "x'),
            "temporary": lambda: (self.out / "part-000004.parquet.tmp.99").write_bytes(b"x"),
        }
        for name, damage in damages.items():
            with self.subTest(name):
                shutil.rmtree(self.out, ignore_errors=True)
                self.features()
                damage()
                code, text = self.features("--resume")
                self.assertEqual(code, 3, text)
                self.assertEqual(contents(self.out), reference)

    def test_every_prefix_of_the_manifest_can_be_resumed(self):  # OU11
        reference = self.reference()
        lines = (self.folder / "reference" / "_manifest.jsonl").read_bytes().splitlines(keepends=True)
        for n in range(len(lines)):
            shutil.rmtree(self.out, ignore_errors=True)
            shutil.copytree(self.folder / "reference", self.out)
            (self.out / "_manifest.jsonl").write_bytes(b"".join(lines[:n]) + lines[n][:20])
            self.assertEqual(self.features("--resume")[0], 3)
            self.assertEqual(contents(self.out), reference, n)

    def test_resume_refuses_other_options_and_inputs_and_lists_them(self):  # CL12
        self.features()
        code, text = self.features("--resume", "--period-min", 0.1, "--band", "V")
        self.assertEqual(code, 6)
        self.assertIn("period_search", text)
        self.assertIn("photometry", text)
        self.assertNotIn("scaling:", text)
        code, text = self.features("--resume", "--alternates", 2)
        self.assertEqual(code, 6)
        self.assertIn("alternates=2", text)
        other = write_table(self.folder / "more.csv", 3)
        code, text = self.features("--resume", inputs=[self.table, other])
        self.assertEqual(code, 6)
        self.assertIn("inputs: was 1 files", text)

    def test_every_option_that_decides_the_rows_is_refused_another_value(self):  # CL12
        self.features()
        for option in (["--format", "csv"], ["--columns", "time=hjd"], ["--nested", "lc"], ["--hdu", "1"], ["--id-column", "object_id"],
                       ["--band", "split"], ["--zero-point", "3000"], ["--flux-unit", "uJy"], ["--d-exponent"], ["--unique-ids"],
                       ["--memory", "64M"], ["--nonfinite", "drop"], ["--upper-limits", "drop"], ["--null-value", "99"],
                       ["--quality-mask", "1"], ["--missing-error", "1"], ["--min-points", "3"], ["--allow-negative-error"],
                       ["--on-mad-zero", "std"], ["--error-floor", "0.1"], ["--set", "period=2"], ["--period-max", "20"],
                       ["--oversampling", "20"], ["--candidates", "2"], ["--harmonics", "2"], ["--rfr", "forest"],
                       ["--scaling", "none"], ["--alternates", "1"], ["--decimal", ","]):
            code, text = self.features("--resume", *option)
            self.assertEqual(code, 6, (option, text))
            self.assertIn("cannot be resumed with what is asked for now:\n", text)
        self.assertIn("objects_per_part=6", self.features("--resume", part=6)[1])

    def test_kill_9_loses_and_doubles_nothing(self):  # OU10
        reference = self.reference()
        for delay in (0.01, 0.03, 0.05, 0.08, 0.12):
            with self.subTest(delay=delay):
                shutil.rmtree(self.out, ignore_errors=True)
                process = self.start("--resume")
                time.sleep(delay)
                process.kill()
                process.communicate()
                code, text = self.features("--resume")
                self.assertEqual(code, 3, text)
                self.assertEqual(contents(self.out), reference)

    def test_force_leaves_no_part_of_the_run_that_was_given_up(self):
        self.features(part=2)
        (self.out / "part-thesis.parquet").write_bytes(b"x")
        self.assertEqual(self.features("--force")[0], 3)
        names = {path.name for path in self.out.iterdir() if path.name.startswith("part-")}
        self.assertEqual(names, {"part-thesis.parquet", *(f"part-{i:06}.parquet" for i in range(5))})
        (self.out / "_manifest.jsonl").unlink()  # now all of it may be somebody else's
        before = contents(self.out)
        for option in ("--resume", "--force"):
            code, err = self.features(option)
            self.assertEqual(code, 6, err)
            self.assertIn("part-thesis.parquet", err)
        self.assertEqual(contents(self.out), before)
        (self.out / "part-thesis.parquet").unlink()
        self.assertEqual(self.features("--force")[0], 3)

    def start(self, *args, table=None, ignored=(), stderr=subprocess.PIPE):
        def dispositions():  # whatever the shell or batch system left
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        return subprocess.Popen([CLI, "features", table or self.table, "-o", f"{self.out}/", "--part-objects",
                                 str(PART), "--threads", "1", *map(str, args)], stderr=stderr, preexec_fn=dispositions)

    def start_and_wait_for_a_part(self, *args, **options):
        process = self.start("--oversampling", 20, *args, table=write_table(self.folder / "many.csv", 400, bad=()), **options)
        while not (self.out / "part-000000.parquet").exists():
            self.assertIsNone(process.poll())
            time.sleep(0.005)
        return process

    def test_whoever_presses_ctrl_c_is_told_what_happens(self):
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        process = self.start_and_wait_for_a_part("--quiet", stderr=follower)
        os.close(follower)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 130)
        self.assertIn(b"once more ends at once", os.read(leader, 4096))

    def test_what_nohup_ignores_stays_ignored(self):  # OU09
        process = self.start_and_wait_for_a_part(ignored=[signal.SIGHUP, signal.SIGINT])
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, text)

    def test_a_folder_that_is_moved_away_or_replaced_is_not_written_into(self):  # OU15
        def replace():
            self.out.rename(self.folder / "aside")
            self.assertEqual(self.features(part=2)[0], 3)

        for damage in (replace, lambda: (self.out / "_manifest.jsonl").unlink(), lambda: (self.out / "_rejects.jsonl").unlink()):
            shutil.rmtree(self.out, ignore_errors=True)
            process = self.start_and_wait_for_a_part()
            damage()
            before = contents(self.out) if damage is replace else None
            _, text = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 6, text)
            if damage is replace:
                self.assertEqual(contents(self.out), before)

    def test_a_signal_leaves_finished_parts_and_gives_up_the_one_in_hand(self):  # OU08, OU09
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                shutil.rmtree(self.out, ignore_errors=True)
                process = self.start_and_wait_for_a_part()
                process.send_signal(number)
                _, text = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 128 + number, text)
                self.assertIn(b"--resume", text)
                lines = (self.out / "_manifest.jsonl").read_text().splitlines()
                self.assertLess(len(lines), 81)
                parts = [path.name for path in self.out.iterdir() if path.name.startswith("part-")]
                self.assertEqual(len(parts), len(lines) - 1)  # no part without its line
                self.assertFalse((self.out / "_summary.json").exists())

    def test_a_part_that_cannot_be_read_back_is_not_recorded(self):
        strace = shutil.which("strace")
        if strace is None:
            self.skipTest("strace is not here")
        reference = self.reference()
        log = self.folder / "log"
        command = [CLI, "features", str(self.table), "-o", f"{self.out}/", "--part-objects", str(PART), "--resume", "--quiet"]
        # A leak is not looked for under strace, where it could not be.
        env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        subprocess.run([strace, "-f", "-y", "-qq", "-e", "trace=openat", "-o", str(log), *command], check=False, env=env)
        opened = [line for line in log.read_text().splitlines() if "openat(" in line]
        number = 1 + next(i for i, line in enumerate(opened) if 'part-000001.parquet", O_RDONLY' in line)
        shutil.rmtree(self.out)
        done = subprocess.run([strace, "-f", "-qq", "-e", "trace=openat", "-e", f"inject=openat:error=EMFILE:when={number}",
                               "-o", str(log), *command], check=False, env=env)
        self.assertEqual(done.returncode, 6)
        self.assertEqual(len((self.out / "_manifest.jsonl").read_text().splitlines()), 2)
        self.assertEqual(self.features("--resume")[0], 3)
        self.assertEqual(contents(self.out), reference)

    def test_two_processes_exclude_each_other(self):  # OU13
        self.features()
        lock = os.open(self.out / ".astrom3.lock", os.O_RDWR | os.O_CREAT)
        os.write(lock, b"process 123 on host")
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, text = self.features("--resume")
        self.assertEqual(code, 6)
        self.assertIn("locked by process 123 on host", text)
        self.assertEqual(self.features("--resume", "--no-lock")[0], 3)
        os.close(lock)  # as the kernel does for a process that was killed
        self.assertEqual(self.features("--resume")[0], 3)
        self.assertFalse((self.out / ".astrom3.lock").exists())

    def test_shards_divide_the_files_and_every_file_is_in_one(self):
        # Of fewer files in a folder of a random name, a share would be empty now and then.
        files = [write_table(self.folder / f"t{i}.csv", 1, bad=()) for i in range(60)]
        met = []
        for shard in range(1, 4):
            code, text = self.features("--shard", f"{shard}/3", inputs=files)
            self.assertEqual(code, 0, text)
            manifest = self.out / f"shard-{shard}-of-3" / "_manifest.jsonl"
            lines = [json.loads(line) for line in manifest.read_text().splitlines()]
            met.append(lines[-1]["objects"])
        self.assertEqual(sum(met), 60)
        self.assertGreater(min(met), 0)
        slurm = {"SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "10",
                 "SLURM_ARRAY_TASK_STEP": "2"}
        code, text = self.features("--resume", inputs=files, env=slurm)  # the third of 10, 12, 14
        self.assertEqual(code, 0, text)
        self.assertIn("share 3 of 3", text)
        for bad in ("0/3", "4/3", "1", "a/b"):
            self.assertEqual(self.features("--shard", bad, inputs=files)[0], 2)
        # Of a job array that is submitted again in part, the tasks would divide the files anew, beside what is there.
        again = {"SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "12", "SLURM_ARRAY_TASK_STEP": "2"}
        alone = {"SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_COUNT": "1", "SLURM_ARRAY_TASK_MIN": "14"}
        for env in (again, alone, {}):
            code, text = self.features("--force", inputs=files, env=env)
            self.assertEqual(code, 6)
            self.assertIn("shares of 3", text)
        self.assertEqual(self.features("--resume", "--shard", "3/3", inputs=files, env=again)[0], 0)
        whole = self.folder / "whole"
        self.assertEqual(self.features(out=whole, inputs=files)[0], 0)
        self.assertEqual(self.features("--shard", "1/3", out=whole, inputs=files)[0], 6)
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), [f"shard-{i}-of-3" for i in (1, 2, 3)])

    def test_outputs_are_not_read_as_inputs(self):  # CL07
        self.out.mkdir()
        inside = write_table(self.out / "in.csv", 1)
        self.assertEqual(self.features("--force", inputs=[inside])[0], 2)

    def test_options_of_a_folder_run_need_a_folder(self):
        for option in (["--resume"], ["--shard", "1/2"], ["--no-lock"]):
            code, text = run("features", self.table, "-o", self.folder / "one.csv", *option)
            self.assertEqual(code, 2, text)

    def test_progress_json_is_one_object_a_line(self):
        table = write_table(self.folder / "many.csv", 300, bad=())
        code, text = self.features("--progress", "json", "--oversampling", 40, "--quiet", inputs=[table])
        self.assertEqual(code, 0, text)
        for line in text.splitlines():
            self.assertLessEqual({"objects", "rejected", "objects_per_second", "bytes_read", "seconds_left"},
                                 set(json.loads(line)))

    def test_a_folder_that_cannot_be_written_is_exit_6_before_any_work(self):  # OU05
        self.assertEqual(self.features(out="/proc/self/nowhere")[0], 6)
        file = self.folder / "file"
        file.write_text("x")
        self.assertEqual(self.features(out=file)[0], 6)


def flip(path, offset):
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def append(path, data):
    with open(path, "ab") as file:
        file.write(data)


if __name__ == "__main__":
    unittest.main()
