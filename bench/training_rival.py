# SPDX-License-Identifier: MIT
"""The other side of compare_training.py: the same network, loss and optimiser in PyTorch, a process that answers
lines of stdin.

    python training_rival.py CHECKPOINT_DIR BATCH THREADS eager|compiled

First prints "ready SECONDS VERSION"; then for each line "encode N" the seconds that steps over N light curves take,
by the wall clock and of processor time.
"""

import sys
import time

import torch
from encoder_rivals import print_seconds
from torch.nn import functional as F
from torch_network import Network


def trainer(folder, batch, threads, way):
    """One AdamW step a batch: cross-entropy of the head, full attention, dropout where our trainer has it."""
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    network = Network(folder, of_head=True).train()
    matrices = [weights for weights in network.parameters() if weights.dim() > 1]
    others = [weights for weights in network.parameters() if weights.dim() == 1]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0}],
                                  lr=1e-4, fused=True)
    x, mask = torch.randn(batch, 200, 9), torch.ones(batch, 200)
    labels = torch.randint(network.num_classes, (batch,))

    def loss():
        return F.cross_entropy(network(x, mask), labels)

    if way == "compiled":
        from torch._inductor import config

        config.compile_threads = 1
        loss = torch.compile(loss, dynamic=False)

    def train(n):
        steps = max(1, n // batch)
        for _ in range(steps):
            optimiser.zero_grad(set_to_none=True)
            loss().backward()
            optimiser.step()
        return steps * batch

    train(batch)
    return train


def main():
    model, batch, threads, way = sys.argv[1:]
    start = time.perf_counter()
    train = trainer(model, int(batch), int(threads), way)
    print("ready", time.perf_counter() - start, torch.__version__.split("+")[0], flush=True)
    for line in sys.stdin:
        print_seconds(train, int(line.split()[1]))


if __name__ == "__main__":
    main()
