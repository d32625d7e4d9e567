# SPDX-License-Identifier: MIT
#
# The photo encoder with full attention in PyTorch, written from docs/model.md: what its exporters are shown.
#
# The names of parameters are upstream's, so a checkpoint loads. How the same sums are spelt is chosen: exporters
# turn each spelling into other nodes, and `astrom3 import` has to know them all.

import math

import torch
from torch import nn
from torch.nn import functional


class TokenEmbedding(nn.Module):
    """A width-3 convolution over time that wraps around."""

    def __init__(self, config, spelling):
        super().__init__()
        module = spelling["padding"] == "module"  # or "concat": the wrap written out
        self.wrap = not module
        self.tokenConv = nn.Conv1d(config["enc_in"], config["d_model"], 3, padding=1 if module else 0,
                                   padding_mode="circular" if module else "zeros", bias=False)

    def forward(self, x):
        x = x.transpose(1, 2)
        if self.wrap:
            x = torch.cat([x[:, :, -1:], x, x[:, :, :1]], dim=2)
        return self.tokenConv(x).transpose(1, 2)


class PositionEmbedding(nn.Module):
    def __init__(self, config, spelling):
        super().__init__()
        rows = 5000 if spelling["positions"] == "whole" else config["seq_len"]
        self.register_buffer("pe", torch.zeros(1, rows, config["d_model"]))

    def forward(self, x):
        return self.pe[:, : x.size(1)]


class Embedding(nn.Module):
    def __init__(self, config, spelling):
        super().__init__()
        self.value_embedding = TokenEmbedding(config, spelling)
        self.position_embedding = PositionEmbedding(config, spelling)

    def forward(self, x):
        return self.value_embedding(x) + self.position_embedding(x)


class Attention(nn.Module):
    def __init__(self, config, spelling):
        super().__init__()
        width = config["d_model"]
        self.heads = config["n_heads"]
        self.spelling = spelling["attention"]
        self.query_projection = nn.Linear(width, width)
        self.key_projection = nn.Linear(width, width)
        self.value_projection = nn.Linear(width, width)
        self.out_projection = nn.Linear(width, width)

    def forward(self, h):
        batch, steps, width = h.shape
        split = (batch, steps, self.heads, width // self.heads)
        q = self.query_projection(h).view(split)
        k = self.key_projection(h).view(split)
        v = self.value_projection(h).view(split)
        scale = 1.0 / math.sqrt(split[3])
        if self.spelling == "einsum":
            scores = torch.einsum("bthe,bshe->bhts", q, k)
            mixed = torch.einsum("bhts,bshe->bthe", torch.softmax(scale * scores, dim=-1), v)
        elif self.spelling == "sdpa":
            q, k, v = (z.transpose(1, 2) for z in (q, k, v))
            mixed = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        else:  # "matmul"
            q, k, v = (z.transpose(1, 2) for z in (q, k, v))
            scores = q @ k.transpose(2, 3) / math.sqrt(split[3])
            mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2)
        return self.out_projection(mixed.reshape(batch, steps, width))


class Layer(nn.Module):
    def __init__(self, config, spelling):
        super().__init__()
        width, inner = config["d_model"], config["d_ff"]
        self.attention = Attention(config, spelling)
        self.linear = spelling["feed_forward"] == "linear"  # or "convolution"
        self.conv1 = nn.Conv1d(width, inner, 1)
        self.conv2 = nn.Conv1d(inner, width, 1)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.activation = functional.gelu if config["activation"] == "gelu" else functional.relu

    def forward(self, h):
        h = self.norm1(h + self.attention(h))
        if self.linear:
            y = self.activation(functional.linear(h, self.conv1.weight[:, :, 0], self.conv1.bias))
            y = functional.linear(y, self.conv2.weight[:, :, 0], self.conv2.bias)
        else:
            y = self.conv2(self.activation(self.conv1(h.transpose(1, 2)))).transpose(1, 2)
        return self.norm2(h + y)


class Layers(nn.Module):
    def __init__(self, config, spelling):
        super().__init__()
        self.attn_layers = nn.ModuleList(Layer(config, spelling) for _ in range(config["e_layers"]))
        self.norm = nn.LayerNorm(config["d_model"])

    def forward(self, h):
        for layer in self.attn_layers:
            h = layer(h)
        return self.norm(h)


SPELLING = {"padding": "module", "positions": "cut", "attention": "einsum", "feed_forward": "convolution"}


class Encoder(nn.Module):
    """x_enc [B, T, 9], mask [B, T] -> mean [B, D], sequence [B, T, D] and, with the head, logits."""

    def __init__(self, config, with_head=False, **spelling):
        super().__init__()
        spelling = SPELLING | spelling
        self.enc_embedding = Embedding(config, spelling)
        self.encoder = Layers(config, spelling)
        self.fc = nn.Linear(config["seq_len"] * config["d_model"], config["num_classes"]) if with_head else None

    def forward(self, x_enc, mask):
        h = self.encoder(self.enc_embedding(x_enc))
        seen = h * mask.unsqueeze(-1)
        mean = seen.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        if self.fc is None:
            return mean, h
        return mean, h, self.fc(seen.reshape(seen.shape[0], -1))
