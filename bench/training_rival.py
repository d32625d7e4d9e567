# SPDX-License-Identifier: MIT
"""The other side of compare_training.py: the same network, loss and optimiser in PyTorch, a process that answers
lines of stdin.

    python training_rival.py CHECKPOINT_DIR BATCH THREADS

First prints "ready SECONDS VERSION"; then for each line "encode N" the seconds that steps over N light curves take.
"""

import json
import os
import sys
import time

from encoder_rivals import read_tensors


def torch_trainer(folder, batch, threads):
    """One AdamW step a batch: cross-entropy of the head, full attention, dropout where our trainer has it."""
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    tensors = read_tensors(os.path.join(folder, "model.safetensors"))
    positions = tensors.pop("enc_embedding.position_embedding.pe")
    w = {name: tensor.requires_grad_() for name, tensor in tensors.items()}
    matrices = [tensor for tensor in w.values() if tensor.dim() > 1]
    others = [tensor for tensor in w.values() if tensor.dim() == 1]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0}],
                                  lr=1e-4)
    D, H, p = config["d_model"], config["n_heads"], config["dropout"]

    def linear(x, name):
        weight = w[name + ".weight"]
        return F.linear(x, weight.reshape(weight.shape[0], -1), w[name + ".bias"])

    def norm(x, name):
        return F.layer_norm(x, (D,), w[name + ".weight"], w[name + ".bias"], 1e-5)

    def logits(x, mask):
        B, T, _ = x.shape
        padded = F.pad(x.transpose(1, 2), (1, 1), mode="circular")
        h = F.conv1d(padded, w["enc_embedding.value_embedding.tokenConv.weight"]).transpose(1, 2)
        h = F.dropout(h + positions[:, :T], p)
        for i in range(config["e_layers"]):
            layer = f"encoder.attn_layers.{i}."
            q, k, v = (linear(h, f"{layer}attention.{part}_projection").reshape(B, T, H, D // H).transpose(1, 2)
                       for part in ("query", "key", "value"))
            scores = torch.softmax(q @ k.transpose(2, 3) * (D // H) ** -0.5, dim=-1)
            attended = (F.dropout(scores, p) @ v).transpose(1, 2).reshape(B, T, D)
            h = norm(h + F.dropout(linear(attended, f"{layer}attention.out_projection"), p), f"{layer}norm1")
            inner = F.dropout(F.gelu(linear(h, f"{layer}conv1")), p)
            h = norm(h + F.dropout(linear(inner, f"{layer}conv2"), p), f"{layer}norm2")
        h = norm(h, "encoder.norm")
        return F.linear((h * mask[..., None]).reshape(B, -1), w["fc.weight"], w["fc.bias"])

    x, mask = torch.randn(batch, 200, 9), torch.ones(batch, 200)
    labels = torch.randint(config["num_classes"], (batch,))

    def train(n):
        steps = max(1, n // batch)
        for _ in range(steps):
            optimiser.zero_grad(set_to_none=True)
            F.cross_entropy(logits(x, mask), labels).backward()
            optimiser.step()
        return steps * batch

    return train, torch.__version__


def main():
    model, *numbers = sys.argv[1:]
    start = time.perf_counter()
    train, version = torch_trainer(model, *map(int, numbers))
    print("ready", time.perf_counter() - start, version, flush=True)
    for line in sys.stdin:
        n = int(line.split()[1])
        start = time.perf_counter()
        done = train(n)
        print((time.perf_counter() - start) * n / done, flush=True)


if __name__ == "__main__":
    main()
