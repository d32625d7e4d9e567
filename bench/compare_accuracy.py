# SPDX-License-Identifier: MIT
"""How far float32 programs are from the encoder in float64, on real light curves.

    .venv/bin/python bench/compare_accuracy.py DATA MODEL [--build BUILD_DIR] [--limit N] [ARGUMENTS OF preprocess ...]

DATA is what `astrom3 preprocess` reads (--band V and the like are passed on to it), MODEL a checkpoint folder. Its
tensors go through `astrom3 encode`, through ONNX Runtime with the file that `astrom3 export` writes, through PyTorch
where /usr/bin/python3 has it, and through NumPy in float64 (tests/onnx/float64_encoder.py, which the golden numbers
hold to 1e-14). Prints a table of what each is off by; the last line is the two programs against each other.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/onnx"))
PYTHON_WITH_TORCH = "/usr/bin/python3"
BATCH = 32


def torch_worker(model, given, out):
    """Runs in the interpreter that has PyTorch: mean and sequence of the tensors in `given`."""
    import numpy as np
    import torch
    from float64_encoder import read_safetensors, write_safetensors
    from reference_encoder import Encoder

    config = json.loads((model / "config.json").read_text())
    encoder = Encoder(config).eval()
    state = {name: torch.from_numpy(values.astype(np.float32)) for name, values in read_safetensors(model / "model.safetensors").items()
             if not name.startswith("fc.")}
    position = "enc_embedding.position_embedding.pe"
    state[position] = state[position][:, :config["seq_len"]]
    encoder.load_state_dict(state)
    tensors = {name: torch.from_numpy(values.copy()) for name, values in read_safetensors(given).items()}
    with torch.no_grad():
        parts = [encoder(tensors["x_enc"][i:i + BATCH], tensors["mask"][i:i + BATCH]) for i in range(0, len(tensors["mask"]), BATCH)]
    write_safetensors(out, {"mean": torch.cat([p[0] for p in parts]).numpy(), "sequence": torch.cat([p[1] for p in parts]).numpy()})
    print(f"PyTorch {torch.__version__}")


def run(*args):
    return subprocess.run([*map(str, args)], capture_output=True, text=True, check=True).stdout


def contenders(astrom3, model, tensors, folder):
    """Name -> mean and sequence of the float32 programs."""
    import numpy as np
    import onnxruntime
    from float64_encoder import read_safetensors, write_safetensors

    given = folder / "given.safetensors"
    write_safetensors(given, tensors)
    run(astrom3, "encode", given, "--model", model, "--output", "both", "-o", folder / "ours.safetensors")
    out = {run(astrom3, "--version").strip(): read_safetensors(folder / "ours.safetensors")}
    run(astrom3, "export", "--model", model, "--no-card", "-o", folder / "astrom3.onnx")
    session = onnxruntime.InferenceSession(str(folder / "astrom3.onnx"), providers=["CPUExecutionProvider"])
    parts = [session.run(["mean", "sequence"], {name: values[i:i + BATCH] for name, values in tensors.items()})
             for i in range(0, len(tensors["mask"]), BATCH)]
    out[f"ONNX Runtime {onnxruntime.__version__}"] = {
        name: np.concatenate([part[k] for part in parts]) for k, name in enumerate(("mean", "sequence"))}
    worker = subprocess.run([PYTHON_WITH_TORCH, __file__, "--torch", model, given, folder / "torch.safetensors"], capture_output=True, text=True)
    if worker.returncode == 0:
        out[worker.stdout.strip()] = read_safetensors(folder / "torch.safetensors")
    else:
        print("PyTorch: left out, /usr/bin/python3 does not have it (Debian: python3-torch)", file=sys.stderr)
    return out


def table_row(name, got, truth):
    import numpy as np

    cells = []
    for what in ("sequence", "mean"):
        off = np.abs(np.asarray(got[what], np.float64) - truth[what])
        cells += [f"{off.max():.1e}", f"{np.quantile(off, 0.999):.1e}", f"{np.sqrt((off ** 2).mean()):.1e}"]
    off = np.abs(np.asarray(got["sequence"], np.float64) - truth["sequence"])
    ends = max(off[:, 0].max(), off[:, -1].max())
    within = (off.max(axis=(1, 2)) <= 1e-5).mean()
    return f"| {name} | " + " | ".join(cells) + f" | {ends:.1e} | {100 * within:.1f} % |"


def main():
    if sys.argv[1] == "--torch":
        torch_worker(*map(Path, sys.argv[2:]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--limit", type=int, default=1000, help="the first so many objects")
    arguments, more = parser.parse_known_args()
    import numpy as np
    from float64_encoder import Encoder

    astrom3 = arguments.build / "bin/astrom3"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = subprocess.run([astrom3, "preprocess", arguments.data, "--model", arguments.model, "-o", folder / "tensors", *more])
        if done.returncode not in (0, 3):
            sys.exit(done.returncode)
        tensors = {part: np.load(folder / f"tensors/{part}.npy") for part in ("x_enc", "mask")}
        usable = np.flatnonzero(tensors["mask"].any(axis=1))[:arguments.limit]
        tensors = {part: np.ascontiguousarray(values[usable]) for part, values in tensors.items()}
        results = contenders(astrom3, arguments.model, tensors, folder)
        truth = Encoder(arguments.model).encode(tensors["x_enc"], tensors["mask"])
    print(f"{len(usable)} light curves, {int((tensors['mask'].sum(1) == tensors['mask'].shape[1]).sum())} of them full; "
          f"|x_enc| up to {np.abs(tensors['x_enc']).max():.3g}, |sequence| up to {np.abs(truth['sequence']).max():.2g}\n")
    print("| off by | `sequence`: most | 99.9 % below | rms | `mean`: most | 99.9 % below | rms | `sequence` at the first and last step: most "
          "| light curves all within 1e-5 |\n|---|---|---|---|---|---|---|---|---|")
    for contender, got in results.items():
        print(table_row(f"{contender} from float64", got, truth))
    (ours, theirs, *_) = results
    print(table_row(f"{ours} from {theirs}", results[ours], results[theirs]))


if __name__ == "__main__":
    main()
