# SPDX-License-Identifier: MIT
"""The encoders of spectra and metadata beside ONNX Runtime on this machine, on one thread, in one interleaved run.

    .venv-bench/bin/python bench/compare_modalities.py [BUILD_DIR] [--rounds N] [--table FILE]

Random weights of the published sizes; what ONNX Runtime runs is the file that `astrom3 export` writes of the same
checkpoint, with all graph optimisations. Every contender is a process of its own that holds its model and waits; a round
lets each of them encode for about a third of a second in turn, and the table is made of medians over the rounds. Of the
batches of 1, 8, 32, 128 and 512 the best counts for ONNX Runtime; ours are of 32. Input to the flattened spectrum (1,184
numbers) or the hidden layer (512).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from compare_encoders import Contender
from turns import processor_name

HERE = Path(__file__).resolve().parent
BATCHES = (1, 8, 32, 128, 512)
CONFIGS = {
    "spectra": {"classification": False, "num_classes": 10, "dropout_rate": 0.0, "conv_channels": [3, 64, 64, 32, 32], "kernel_size": 3,
                "mp_kernel_size": 4},
    "metadata": {"classification": False, "num_classes": 10, "input_dim": 34, "hidden_dim": 512, "dropout": 0.0},
}
TENSORS = {
    "spectra": {f"layers.{3 * i}.weight": (o, c, 3) for i, (c, o) in enumerate(((3, 64), (64, 64), (64, 32), (32, 32)))}
    | {f"layers.{3 * i}.bias": (o,) for i, o in enumerate((64, 64, 32, 32))},
    "metadata": {"model.0.weight": (512, 34), "model.0.bias": (512,), "model.3.weight": (512, 512), "model.3.bias": (512,)},
}
OUTPUTS = {"spectra": "s_emb", "metadata": "m_emb"}


def write_checkpoint(folder, modality):
    """Random weights of the size at which every layer keeps the scale of its input."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIGS[modality]))
    rng = np.random.default_rng(1)
    header, data = {}, b""
    for name, shape in sorted(TENSORS[modality].items()):
        fan = max(1, int(np.prod(shape[1:])))
        values = (rng.standard_normal(shape) / np.sqrt(fan)).astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)


def contenders(build, folder, modality):
    model, file = folder / modality, folder / f"{modality}.onnx"
    write_checkpoint(model, modality)
    subprocess.run([build / "bin/astrom3", "export", "--model", model, "-o", file, "-q"], check=True)
    yield f"astrom3 {modality}", 1, [build / "bin/bench_modality_worker", model, modality]
    for batch in BATCHES:
        yield f"ONNX Runtime {modality}", 1, [sys.executable, HERE / "encoder_rivals.py", "modality", file, OUTPUTS[modality], batch], None, f"batch {batch}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--table", type=Path)
    arguments = parser.parse_args()
    lines = [f"{processor_name()}, one thread, {arguments.rounds} rounds", "",
             "| | objects/s | µs an object | × ONNX Runtime |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as temporary:
        for modality in CONFIGS:
            running = [Contender(*contender) for contender in contenders(arguments.build, Path(temporary), modality)]
            for _ in range(arguments.rounds):
                for contender in running:
                    contender.turn()
            ours, *others = running
            best = max(others, key=Contender.rate)
            for contender in (ours, best):
                rate = statistics.median(contender.rates)
                lines.append(f"| {contender.name}{contender.detail} | {rate:.0f} | {1e6 / rate:.1f} | {rate / best.rate():.2f} |")
            for contender in running:
                contender.stop()
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.table:
        arguments.table.write_text(text)


if __name__ == "__main__":
    main()
