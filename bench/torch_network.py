# SPDX-License-Identifier: MIT
"""The network of light curves in PyTorch, from its formulas, as PyTorch computes it fastest: what encoder_rivals.py and
training_rival.py measure. Full attention by scaled_dot_product_attention; query, key and value in one product."""

import json
import os
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def read_tensors(path):
    """Name -> torch tensor of a float32 safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = torch.from_numpy(np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).copy())
    return tensors


class Layer(nn.Module):
    def __init__(self, w, prefix, n_heads, dropout):
        super().__init__()
        self.n_heads, self.dropout = n_heads, dropout

        def parameter(*names):
            tensors = [w[prefix + name] for name in names]
            return nn.Parameter(torch.cat([t.reshape(t.shape[0], -1) if t.dim() > 1 else t for t in tensors]))

        parts = [f"attention.{part}_projection" for part in ("query", "key", "value")]
        self.in_weight = parameter(*(f"{part}.weight" for part in parts))
        self.in_bias = parameter(*(f"{part}.bias" for part in parts))
        for name, key in (("out", "attention.out_projection"), ("inner", "conv1"), ("outer", "conv2"), ("norm1", "norm1"),
                          ("norm2", "norm2")):
            setattr(self, f"{name}_weight", parameter(f"{key}.weight"))
            setattr(self, f"{name}_bias", parameter(f"{key}.bias"))

    def forward(self, h):
        B, T, D = h.shape
        p = self.dropout if self.training else 0.0
        q, k, v = F.linear(h, self.in_weight, self.in_bias).reshape(B, T, 3, self.n_heads, D // self.n_heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, dropout_p=p).transpose(1, 2).reshape(B, T, D)
        attended = F.linear(attended, self.out_weight, self.out_bias)
        h = F.layer_norm(h + F.dropout(attended, p), (D,), self.norm1_weight, self.norm1_bias)
        inner = F.dropout(F.gelu(F.linear(h, self.inner_weight, self.inner_bias)), p)
        inner = F.linear(inner, self.outer_weight, self.outer_bias)
        return F.layer_norm(h + F.dropout(inner, p), (D,), self.norm2_weight, self.norm2_bias)


class Network(nn.Module):
    """x [B, T, C] and mask [B, T] to `mean` [B, D], and to logits where `of_head`."""

    def __init__(self, folder, of_head=False):
        super().__init__()
        with open(os.path.join(folder, "config.json")) as file:
            config = json.load(file)
        w = read_tensors(os.path.join(folder, "model.safetensors"))
        self.num_classes, self.of_head, self.dropout = config["num_classes"], of_head, config["dropout"]
        self.token = nn.Parameter(w["enc_embedding.value_embedding.tokenConv.weight"])
        self.register_buffer("positions", w["enc_embedding.position_embedding.pe"])
        self.layers = nn.ModuleList(Layer(w, f"encoder.attn_layers.{i}.", config["n_heads"], self.dropout)
                                    for i in range(config["e_layers"]))
        self.norm_weight, self.norm_bias = nn.Parameter(w["encoder.norm.weight"]), nn.Parameter(w["encoder.norm.bias"])
        if of_head:
            self.head_weight, self.head_bias = nn.Parameter(w["fc.weight"]), nn.Parameter(w["fc.bias"])

    def forward(self, x, mask):
        B, T, _ = x.shape
        h = F.conv1d(F.pad(x.transpose(1, 2), (1, 1), mode="circular"), self.token).transpose(1, 2)
        h = F.dropout(h + self.positions[:, :T], self.dropout, self.training)
        for layer in self.layers:
            h = layer(h)
        h = F.layer_norm(h, h.shape[-1:], self.norm_weight, self.norm_bias)
        if self.of_head:
            return F.linear((h * mask[..., None]).reshape(B, -1), self.head_weight, self.head_bias)
        return (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
