# SPDX-License-Identifier: MIT
"""The other side of compare_encoders.py: the same network in ONNX Runtime or PyTorch, a process that
answers lines of stdin.

    python encoder_rivals.py onnxruntime MODEL.onnx BATCH THREADS SESSIONS
    python encoder_rivals.py torch CHECKPOINT_DIR BATCH THREADS
    python encoder_rivals.py modality MODEL.onnx OUTPUT BATCH      of compare_modalities.py: one thread

First prints "ready SECONDS VERSION"; then for each line "encode N" the seconds for N light curves.
"""

import json
import math
import os
import struct
import sys
import threading
import time


def onnxruntime_encoder(model, batch, threads, sessions):
    """One session of THREADS threads, or SESSIONS of one thread each side by side."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    pool = [onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            for _ in range(sessions)]
    rng = np.random.default_rng(1)
    feed = {"x_enc": rng.standard_normal((batch, 200, 9)).astype(np.float32),
            "mask": np.ones((batch, 200), np.float32)}

    def encode(n):
        def run(session, count):
            for _ in range(count):
                session.run(["mean"], feed)

        calls = max(1, n // batch)
        if sessions == 1:
            run(pool[0], calls)
            return calls * batch
        share = max(1, calls // sessions)
        workers = [threading.Thread(target=run, args=(session, share)) for session in pool]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return share * sessions * batch

    return encode, onnxruntime.__version__


def modality_encoder(model, output, batch):
    """A file with one input, of spectra or metadata, on one thread."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    feed = {entry.name: np.random.default_rng(1).standard_normal((batch, *entry.shape[1:])).astype(np.float32)}

    def encode(n):
        calls = max(1, n // batch)
        for _ in range(calls):
            session.run([output], feed)
        return calls * batch

    return encode, onnxruntime.__version__


def read_tensors(path):
    """Name -> torch tensor of a float32 safetensors file."""
    import numpy as np
    import torch

    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = torch.from_numpy(np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).copy())
    return tensors


def torch_encoder(folder, batch, threads):
    """The encoder from its formulas, with full attention and the mask in the mean only."""
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(threads)
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    w = read_tensors(os.path.join(folder, "model.safetensors"))
    D, H = config["d_model"], config["n_heads"]

    def linear(x, name):
        weight = w[name + ".weight"]
        return F.linear(x, weight.reshape(weight.shape[0], -1), w[name + ".bias"])

    def norm(x, name):
        return F.layer_norm(x, (D,), w[name + ".weight"], w[name + ".bias"], 1e-5)

    def forward(x, mask):
        B, T, _ = x.shape
        padded = F.pad(x.transpose(1, 2), (1, 1), mode="circular")
        h = F.conv1d(padded, w["enc_embedding.value_embedding.tokenConv.weight"]).transpose(1, 2)
        h = h + w["enc_embedding.position_embedding.pe"][:, :T]
        for i in range(config["e_layers"]):
            layer = f"encoder.attn_layers.{i}."
            q, k, v = (linear(h, f"{layer}attention.{part}_projection").reshape(B, T, H, D // H).transpose(1, 2)
                       for part in ("query", "key", "value"))
            scores = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(D // H), dim=-1)
            attended = (scores @ v).transpose(1, 2).reshape(B, T, D)
            h = norm(h + linear(attended, f"{layer}attention.out_projection"), f"{layer}norm1")
            h = norm(h + linear(F.gelu(linear(h, f"{layer}conv1")), f"{layer}conv2"), f"{layer}norm2")
        h = norm(h, "encoder.norm")
        return (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)

    torch.manual_seed(1)
    x, mask = torch.randn(batch, 200, 9), torch.ones(batch, 200)

    def encode(n):
        calls = max(1, n // batch)
        with torch.inference_mode():
            for _ in range(calls):
                forward(x, mask)
        return calls * batch

    return encode, torch.__version__


def main():
    kind, model, *numbers = sys.argv[1:]
    start = time.perf_counter()
    made = {"onnxruntime": onnxruntime_encoder, "torch": torch_encoder, "modality": modality_encoder}[kind]
    encode, version = made(model, *(int(n) if n.isdigit() else n for n in numbers))
    print("ready", time.perf_counter() - start, version, flush=True)
    for line in sys.stdin:
        n = int(line.split()[1])
        start = time.perf_counter()
        done = encode(n)
        print((time.perf_counter() - start) * n / done, flush=True)


if __name__ == "__main__":
    main()
