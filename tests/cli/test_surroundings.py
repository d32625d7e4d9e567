# SPDX-License-Identifier: MIT
"""What lies around the command: stdin, environment, inputs of every kind, an output that vanishes. Run with ASTROM3_CLI set."""

import gzip
import json
import os
import pty
import shutil
import subprocess
import time
import unittest
from pathlib import Path

from test_cli import CLI, SLOWER, TINY, CommandLine, light_curve, run, sha256, write_csv


SIMULATED = Path(__file__).resolve().parents[2] / "models" / "simulated"


def without_slurm():
    return {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}


class Surroundings(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "star.csv", light_curve(40))

    def features(self, *args, **kwargs):
        return run("features", "--period-min", "1", "-q", *args, **kwargs)

    def inspect(self, *args):
        code, out, err = run("inspect", "--json", *args)
        return code, [json.loads(line) for line in out.splitlines()], err

    # ---- stdin and the environment ----

    def test_stdin_that_is_closed_or_a_terminal_gets_a_word(self):  # CL13
        done = subprocess.run(["bash", "-c", f'"{CLI}" inspect - <&-'], capture_output=True, text=True, timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 5)
        self.assertIn("stdin: is closed", done.stderr)
        leader, follower = pty.openpty()
        try:
            done = subprocess.run([CLI, "inspect", "-"], stdin=follower, capture_output=True, text=True, timeout=60 * SLOWER, check=False)
        finally:
            os.close(leader)
            os.close(follower)
        self.assertEqual(done.returncode, 5)
        self.assertIn("is a terminal", done.stderr)
        done = subprocess.run([CLI, "inspect", "-"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("empty", done.stdout)

    def test_an_empty_environment_is_enough(self):  # CL14
        out = self.tmp / "o.csv"
        done = subprocess.run([CLI, "features", self.star, "-o", out, "--period-min", "1"], env={}, capture_output=True, text=True,
                              timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with_hub_off = self.tmp / "h.csv"
        self.assertEqual(self.features(self.star, "-o", with_hub_off, env={"HF_HUB_OFFLINE": "1", "TMPDIR": "/nonexistent"})[0], 0)
        self.assertEqual(sha256(out), sha256(with_hub_off))
        done = subprocess.run([CLI, "inspect", "-"], input=self.star.read_text(), env={"TMPDIR": "/nonexistent"}, capture_output=True,
                              text=True, timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("/nonexistent", done.stdout)  # which folder it could not use

    def test_layout_of_memory_changes_no_bit(self):  # DT05
        hashes = set()
        for number, (prefix, env) in enumerate((([], {}), (["setarch", "-R"], {}), ([], {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}),
                                                ([], {"MALLOC_PERTURB_": "165"}), ([], {"MALLOC_ARENA_MAX": "1"}))):
            if prefix and subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode != 0:
                continue  # a container may forbid it
            out = self.tmp / f"e{number}.csv"
            subprocess.run([*prefix, CLI, "embed", self.star, "--model", TINY, "--period-min", "1", "-o", out, "-q"],
                           env={**os.environ, **env}, check=True, timeout=60 * SLOWER)
            hashes.add(sha256(out))
        self.assertEqual(len(hashes), 1)

    # ---- inputs ----

    def test_every_way_to_name_inputs_gives_the_same_table(self):
        folder = self.tmp / "lc" / "deep"
        folder.mkdir(parents=True)
        names = ["a.csv", "b.dat", "c.txt", "d.tsv"]
        for k, name in enumerate(names):
            write_csv(folder / name, light_curve(20, seed=k + 1))
        packed = folder / "e.csv.gz"
        packed.write_bytes(gzip.compress(write_csv(self.tmp / "e", light_curve(20, seed=9)).read_bytes()))
        (folder / "notes.md").write_text("not a light curve")
        files = [folder / name for name in [*names, "e.csv.gz"]]
        listed = self.tmp / "list.txt"
        listed.write_text("\ufeff# all of them\r\n\r\n" + "".join(f"{f}\r\n" for f in files))
        expected = self.features(*files, "-o", "-")
        self.assertEqual((expected[0], len(expected[1].splitlines())), (0, 6), expected[2])
        for inputs in (["-r", self.tmp / "lc"], ["-r", folder], [f"@{listed}"], [f"{folder}/[a-e].*"], [f"{self.tmp}/lc/*/?.*"]):
            self.assertEqual(self.features(*inputs, "-o", "-"), expected, inputs)

    def test_inputs_that_are_nothing_are_exit_5_and_named(self):  # CL05, CL10
        (self.tmp / "empty").mkdir()
        listed = self.tmp / "list.txt"
        listed.write_text(f"{self.star}\n\n{self.tmp}/gone.csv\n")
        (self.tmp / "none.txt").write_text("# nothing\n")
        for inputs, word in ((["-r", self.tmp / "empty"], "empty"), ([f"{self.tmp}/*.fits"], "no file matches"), ([f"@{listed}"], "gone.csv"),
                             ([f"@{self.tmp}/none.txt"], "names no file"), ([f"@{self.tmp}/no.txt"], "no.txt"), ([self.tmp / "empty"], "-r"),
                             (["@"], "@: ")):
            code, out, err = self.features(*inputs, "-o", self.tmp / "o.csv")
            self.assertEqual((code, out), (5, ""), err)
            self.assertIn(word, err)
            self.assertFalse((self.tmp / "o.csv").exists())

    def test_the_folder_that_cannot_be_listed_is_named_and_not_the_one_around_it(self):
        closed = self.tmp / "all" / "a" / "closed"
        closed.mkdir(parents=True)
        self.tmp.chmod(0o755)
        closed.chmod(0)
        other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}  # root may list it
        program = shutil.copy(CLI, self.tmp / "astrom3")  # where it was built, others may not look
        done = subprocess.run([program, "features", "-r", self.tmp / "all", "-o", "-"], capture_output=True, text=True, check=False,
                              timeout=60 * SLOWER, **other)
        closed.chmod(0o755)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("closed: cannot list this folder", done.stderr)

    def test_what_is_read_again_is_not_read_from_stdin(self):
        labels = self.tmp / "labels.csv"
        labels.write_text("object_id,class\nstar,EW\nb,M\n")
        for command in (["train", "-", "--labels", labels, "-o", self.tmp / "t"], ["features", "-", "-o", f"{self.tmp}/r/"],
                        ["embed", "--spectra", "-", "-m", SIMULATED, "-o", self.tmp / "o.csv"]):
            code, _, err = run(*command)
            self.assertEqual(code, 2, err)
            self.assertIn("stdin", err)

    def test_a_name_that_is_empty_is_not_the_default(self):
        for command in ("info", "fetch", "inspect", "encode"):
            code, out, err = run(command, "")
            self.assertEqual((code, out), (2, ""), err)
            self.assertIn('expected a name, found ""', err)

    def test_names_that_no_file_can_have_are_exit_5_and_named(self):
        (self.tmp / "loop").symlink_to("loop")
        for command in (["features"], ["metadata"], ["outliers"], ["inspect"], ["import"], ["encode"]):
            for name in (self.tmp / "loop", self.tmp / ("n" * 300), self.tmp / ("d/" * 2500)):
                output = [] if command == ["inspect"] else ["-o", self.tmp / "o.csv"]
                code, _, err = run(*command, name, *output)
                self.assertEqual(code, 4 if command == ["import"] else 5, err)
                self.assertIn(str(name)[:200], err)

    def test_a_file_named_twice_is_read_once_and_said(self):  # CL10
        code, out, err = run("features", self.star, f"{self.tmp}/./star.csv", f"{self.tmp}/star.*", "--period-min", "1", "-o", "-")
        self.assertEqual((code, len(out.splitlines())), (0, 2))
        self.assertIn("named more than once", err)

    def test_all_files_empty_is_a_table_of_rejects(self):  # CL05, TX01
        for name in ("x.csv", "y.csv"):
            (self.tmp / name).write_bytes(b"")
        code, out, _ = self.features(self.tmp / "x.csv", self.tmp / "y.csv", "-o", "-")
        self.assertEqual(code, 3)
        self.assertEqual([line.split(",")[:2] for line in out.splitlines()[1:]], [["x", "empty_file"], ["y", "empty_file"]])

    def test_the_index_of_a_download_is_no_light_curve(self):
        folder = self.tmp / "pyasassn"
        folder.mkdir()
        (folder / "index.csv").write_text("asas_sn_id,ra_deg,dec_deg\n12702,10.0,-70.0\n")
        (folder / "12702.csv").write_text("asas_sn_id,jd,flux,flux_err,mag,mag_err,limit,fwhm,image_id,camera,quality,phot_filter\n" + "".join(
            f"12702,{t},{f},{e},14.0,0.01,17.0,1.4,i,ba,G,g\n" for t, f, e in light_curve(20)))
        code, out, err = run("features", "-r", folder, "--period-min", "1", "-o", "-")
        self.assertEqual((code, len(out.splitlines())), (0, 2), err)
        self.assertIn("index.csv", err)
        self.assertEqual(self.features(folder / "index.csv", "-o", "-")[0], 3)  # named by itself it is read, and refused

    def test_inspect_tells_what_magnitudes_of_an_unknown_band_are(self):
        table = self.tmp / "m.csv"
        table.write_text("t,m,merr\n" + "".join(f"{t},12.5,0.02\n" for t, _, _ in light_curve(10)))
        code, (report,), _ = self.inspect(table)
        self.assertEqual((code, report["observations"], report["usable"]), (3, 10, 10))
        self.assertEqual(report["rejected"], {"no_zero_point": 1})
        self.assertIn("--zero-point", report["first_rejects"][0])
        self.assertEqual(self.inspect(table, "--band", "V")[0], 0)

    # ---- the end of a run ----

    def test_the_summary_of_a_run_counts_everything(self):
        table = self.tmp / "ztf.csv"
        rows = ["oid,hjd,mjd,mag,magerr,catflags,filtercode"]
        for i, (t, _, _) in enumerate(light_curve(30)):
            rows.append(f"1,{t},{t},{15 + 0.01 * i},0.02,{32768 if i < 3 else 0},zg")
            rows.append(f"2,{t},{t},{'x' if i == 7 else 15},0.02,0,zg")
        rows.append(rows[-2])  # an exact duplicate
        table.write_text("\n".join(rows) + "\n")
        out = self.tmp / "out"
        done = subprocess.run([CLI, "embed", table, "--model", TINY, "--period-min", "1", "-o", f"{out}/", "-q"], env=without_slurm(),
                              timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 3)
        summary = json.loads((out / "_summary.json").read_text())
        self.assertEqual((summary["objects"], summary["ok"], summary["rejected"]), (2, 1, {"not_a_number": 1}))
        self.assertEqual((summary["dropped"]["quality"], summary["dropped"]["duplicates"]), (3, 1))
        self.assertEqual(set(summary["stage_seconds"]), {"read", "clean", "features", "tensor", "encoder", "write"})
        self.assertGreater(summary["stage_seconds"]["encoder"], 0)
        self.assertEqual(summary["identity"]["model_sha256"], sha256(TINY / "model.safetensors"))

    def test_another_model_cannot_go_on_with_a_run(self):  # CL12
        out = self.tmp / "out"
        embed = [CLI, "embed", self.star, "--period-min", "1", "-o", f"{out}/", "-q"]
        subprocess.run([*embed, "--model", TINY], env=without_slurm(), check=True, timeout=60 * SLOWER)
        other = self.tmp / "other"
        self.assertEqual(run("init", "--seed", 5, "--config", TINY / "config.json", "-o", other)[0], 0)
        done = subprocess.run([*embed, "--model", other, "--resume"], env=without_slurm(), capture_output=True, text=True, timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 6)
        self.assertIn("model_sha256", done.stderr)
        self.assertIn(sha256(TINY / "model.safetensors"), done.stderr)

    def test_an_output_deleted_meanwhile_is_exit_6(self):  # OU15
        table = self.tmp / "many.csv"
        with open(table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(300):
                file.writelines(f"s{k},{t!r},{f!r},{e!r}\n" for t, f, e in light_curve(60, seed=k + 1))
        out = self.tmp / "out"
        process = subprocess.Popen([CLI, "features", table, "-o", f"{out}/", "--part-objects", "5", "--threads", "1", "-q"],
                                   env=without_slurm(), stderr=subprocess.PIPE)
        while not (out / "part-000000.parquet").exists():
            self.assertIsNone(process.poll())
            time.sleep(0.005)
        while out.exists():  # a file made while the folder is being emptied keeps it
            shutil.rmtree(out, ignore_errors=True)
        _, err = process.communicate(timeout=60 * SLOWER)
        self.assertEqual(process.returncode, 6, err)
        self.assertIn(b"error[output_error]", err)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
