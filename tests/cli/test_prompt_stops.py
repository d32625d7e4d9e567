# SPDX-License-Identifier: MIT
"""The first signal ends every command soon, wherever it is; a run in parts then goes on to the same bytes. Run with ASTROM3_CLI set."""

import math
import os
import random
import shutil
import signal
import struct
import subprocess
import time
import unittest

from test_cli import CLI, SLOWER, TINY, CommandLine, light_curve, run

SECONDS = 3 * SLOWER  # two, and one for what has to be flushed
BUSY_AFTER = 1.5  # each job below takes twenty times as long where it was measured, so that no computer ends it before


class Stops(CommandLine):
    def stops(self, *args, number=signal.SIGTERM, after=BUSY_AFTER):
        process = subprocess.Popen([CLI, *map(str, args)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            time.sleep(after)
            self.assertIsNone(
                process.poll(),
                f"was over before the signal: {args} {process.stderr.read() if process.poll() is not None else ''}",
            )
            process.send_signal(number)
            begin = time.monotonic()
            _, err = process.communicate(timeout=60 * SLOWER)
            self.assertLess(time.monotonic() - begin, SECONDS, args)
            self.assertEqual(process.returncode, 128 + number, (args, err))
        finally:
            process.kill()
            process.wait()
        return err.decode()

    def stars(self, name, n_stars, n=60, span=1.1):
        """Many stars, whose features take long."""
        path = self.tmp / name
        with open(path, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(n_stars):
                file.writelines(
                    f"s{k:05},{2457000 + span * (t - 2457000)!r},{f!r},{e!r}\n"
                    for t, f, e in light_curve(n, seed=k + 1)
                )
        return path

    def one_star(self, n):
        random.seed(1)
        path = self.tmp / "one.csv"
        with open(path, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for i in range(n):
                t = 20000 * (i + random.random()) / n
                file.write(f"one,{t:.6f},{10 + math.sin(9 * t) + random.gauss(0, 0.1):.5f},0.1\n")
        return path

    def embeddings(self, name, n, width=64):
        path = self.tmp / name
        random.seed(2)
        with open(path, "w") as file:
            file.write("object_id,status," + ",".join(f"e{i}" for i in range(width)) + "\n")
            for k in range(n):
                file.write(f"o{k},ok," + ",".join(f"{random.gauss(0, 1):.3f}" for _ in range(width)) + "\n")
        return path

    def test_a_part_in_hand_is_given_up_and_made_again(self):
        table = self.stars("many.csv", 300, n=400, span=8)
        features = ["features", table, "--period-min", "0.0005", "--threads", "2", "--part-objects", "1000"]
        out, good = self.tmp / "run", self.tmp / "good"
        err = self.stops(*features, "-o", f"{out}/")
        self.assertIn("stopped after 0 finished parts with 0 objects", err)
        self.assertEqual([p.name for p in out.iterdir() if "part" in p.name or "tmp" in p.name], [])
        small = self.stars("few.csv", 40)
        features = ["features", small, "--period-min", "1", "--part-objects", "7", "-q"]
        shutil.rmtree(out)
        self.assertEqual(run(*features, "-o", f"{good}/")[0], 0)
        for after in (0.05, 0.1, 0.2):
            process = subprocess.Popen([CLI, *map(str, features), "-o", f"{out}/", "--resume"])
            time.sleep(after)
            process.send_signal(signal.SIGINT)
            self.assertIn(process.wait(timeout=20 * SLOWER), (0, 130, -signal.SIGINT))
        self.assertEqual(run(*features, "-o", f"{out}/", "--resume")[0], 0)
        for path in good.iterdir():
            if path.name != "_summary.json":
                self.assertEqual((out / path.name).read_bytes(), path.read_bytes(), path.name)

    def test_one_endless_light_curve_is_given_up(self):
        table = self.one_star(60000)
        options = ["--period-min", "0.005", "--oversampling", "20"]
        self.stops("features", table, *options, "-o", self.tmp / "o.csv", number=signal.SIGINT)
        self.assertFalse((self.tmp / "o.csv").exists())
        self.assertEqual([p.name for p in self.tmp.iterdir()], ["one.csv"])

    def test_the_encoder_is_left_between_its_layers(self):
        config = self.tmp / "config.json"
        config.write_text(
            '{"classification": false, "num_classes": 2, "seq_len": 2000, "enc_in": 9, "d_model": 512, "dropout": 0.1,'
            '"factor": 1, "output_attention": false, "n_heads": 8, "d_ff": 1024, "activation": "gelu", "e_layers": 4}'
        )
        self.assertEqual(run("init", "--seed", 1, "--config", config, "-o", self.tmp / "large")[0], 0)
        table = self.stars("s.csv", 400)
        self.stops("embed", table, "--period-min", "1", "-m", self.tmp / "large", "-o", self.tmp / "e.csv")
        n, steps = 60, 2000
        x_enc, mask = bytes(4 * n * steps * 9), struct.pack("<f", 1) * (n * steps)
        header = (
            f'{{"x_enc":{{"dtype":"F32","shape":[{n},{steps},9],"data_offsets":[0,{len(x_enc)}]}},"mask":{{"dtype":"F32",'
            f'"shape":[{n},{steps}],"data_offsets":[{len(x_enc)},{len(x_enc) + len(mask)}]}}}}'
        ).encode()
        header += b" " * (-len(header) % 8)
        (self.tmp / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + x_enc + mask)
        self.stops("encode", self.tmp / "x.safetensors", "-m", self.tmp / "large", "-o", self.tmp / "y.safetensors")
        self.stops(
            "study", "attention", table, "--period-min", "1", "-m", self.tmp / "large", "-o", self.tmp / "s.json"
        )

    def test_work_on_embeddings_is_left(self):
        table = self.embeddings("e.csv", 24000)
        labels = self.tmp / "labels.csv"
        labels.write_text("object_id,class\n" + "".join(f"o{k},c{k % 40}\n" for k in range(24000)))
        self.stops("search", table, "--all", "-k", 500, "-o", self.tmp / "n.csv", after=2)
        self.stops("outliers", table, "-k", 300, "-o", self.tmp / "n.csv", after=2)
        self.stops("evaluate", table, "--labels", labels, "-o", self.tmp / "n.csv", after=2)
        self.stops("map", table, "-o", self.tmp / "n.csv", after=2)
        self.assertFalse((self.tmp / "n.csv").exists())

    def test_a_study_is_left_while_it_measures(self):
        table = self.stars("s.csv", 300, n=400, span=8)
        for what in ("substitution", "precision", "attention"):
            self.stops("study", what, table, "--period-min", "0.0005", "--threads", "1", "-o", self.tmp / "study.csv")

    def test_a_periodogram_is_left_while_its_text_is_made(self):
        star = self.one_star(3000)
        for method in ([], ["--method", "bls"], ["--method", "string_length"]):
            self.stops("periodogram", star, *method, "--period-min", "0.005", "-o", self.tmp / "p.csv")
        self.assertFalse((self.tmp / "p.csv").exists())

    def test_training_is_left_and_goes_on(self):
        table = self.stars("s.csv", 60)
        labels = self.tmp / "labels.csv"
        labels.write_text("object_id,class\n" + "".join(f"s{k:05},{'AB'[k % 2]}\n" for k in range(60)))
        train = [
            "train",
            table,
            "--period-min",
            "1",
            "--labels",
            labels,
            "--epochs",
            "1000",
            "--seed",
            "1",
            "--batch-size",
            "60",
        ]
        self.stops(*train, "-o", self.tmp / "t")
        self.assertTrue(os.path.isdir(self.tmp / "t"))


if __name__ == "__main__":
    unittest.main()
