# SPDX-License-Identifier: MIT
"""The encoder with full attention in NumPy, as slow and as plain as its formulas in docs/model.md, in any precision.

In float64 it is what float32 programs are measured against.
"""

import json
import math
import struct

import numpy as np

DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I64": "<i8"}


def read_safetensors(path):
    """Name -> array."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], DTYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def write_safetensors(path, tensors):
    """Name -> array, as float32."""
    header, begin = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [begin, begin + 4 * values.size]}
        begin += 4 * values.size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(values.astype(DTYPES["F32"]).tobytes() for values in tensors.values())


class Encoder:
    """Upstream's tensors of a checkpoint folder (F16, F32 or F64), computed with in `dtype`."""

    def __init__(self, folder, dtype=np.float64):
        self.config = json.loads((folder / "config.json").read_text())
        self.dtype = dtype
        self.w = {name: values.astype(dtype) for name, values in read_safetensors(folder / "model.safetensors").items()}
        self.erf = np.vectorize(math.erf, otypes=[np.float64])

    def linear(self, x, name):
        weight = self.w[name + ".weight"]
        return x @ weight.reshape(len(weight), -1).T + self.w[name + ".bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        variance = (centred * centred).mean(-1, keepdims=True)
        return centred / np.sqrt(variance + self.dtype(1e-5)) * self.w[name + ".weight"] + self.w[name + ".bias"]

    def activation(self, x):
        if self.config["activation"] == "relu":
            return np.maximum(x, 0)
        return x * ((1 + self.erf(x / math.sqrt(2))) / 2).astype(self.dtype)

    def attention(self, h, name):
        T, D = h.shape
        H = self.config["n_heads"]
        q, k, v = (self.linear(h, f"{name}.{part}_projection").reshape(T, H, D // H).transpose(1, 0, 2)
                   for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) * self.dtype(1 / math.sqrt(D // H))
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = weights / weights.sum(-1, keepdims=True) @ v
        return self.linear(mixed.transpose(1, 0, 2).reshape(T, D), f"{name}.out_projection")

    def sequence(self, x):
        """[T, 9] -> [T, D]"""
        x = x.astype(self.dtype)
        W = self.w["enc_embedding.value_embedding.tokenConv.weight"]  # [D, 9, 3]: before, at, after; the ends meet
        h = np.roll(x, 1, 0) @ W[:, :, 0].T + x @ W[:, :, 1].T + np.roll(x, -1, 0) @ W[:, :, 2].T
        h = h + self.w["enc_embedding.position_embedding.pe"][0, :len(h)]
        for i in range(self.config["e_layers"]):
            layer = f"encoder.attn_layers.{i}"
            h = self.norm(h + self.attention(h, f"{layer}.attention"), f"{layer}.norm1")
            inner = self.activation(self.linear(h, f"{layer}.conv1"))
            h = self.norm(h + self.linear(inner, f"{layer}.conv2"), f"{layer}.norm2")
        return self.norm(h, "encoder.norm")

    def encode(self, x_enc, mask):
        """[B, T, 9], [B, T] -> mean [B, D], sequence [B, T, D] and, where there is a head, logits [B, classes]."""
        sequence = np.stack([self.sequence(x) for x in x_enc])
        seen = sequence * mask.astype(self.dtype)[..., None]
        out = {"mean": seen.sum(1) / np.maximum(mask.sum(1, keepdims=True), 1), "sequence": sequence}
        if "fc.weight" in self.w:
            out["logits"] = seen.reshape(len(seen), -1) @ self.w["fc.weight"].T + self.w["fc.bias"]
        return out
