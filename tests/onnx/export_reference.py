#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Writes the ONNX files of tests/golden/onnx: the tiny checkpoint through PyTorch's exporters.
#
#   export_reference.py tests/golden/tiny tests/golden/onnx       needs torch, onnx and onnxscript
#
# The files are as the exporters wrote them, but for the stack traces of this script in the nodes' metadata. PyTorch 1.13
# (Debian 12's python3-torch, which needs nothing else) writes the file with 1.13 in its name and no other: with its
# constants not folded, and with the circular padding that this version gets wrong.

import json
import pathlib
import sys
import warnings

import torch
from float64_encoder import read_safetensors
from reference_encoder import Encoder

WRITTEN_OUT = {"padding": "concat", "attention": "matmul", "feed_forward": "linear"}
# name: (exporter, opset, head, activation, spelling)
FILES = {
    "script_17": ("script", 17, True, "gelu", {"positions": "whole"}),
    "script_13_relu": ("script", 13, False, "relu", WRITTEN_OUT),
    "script_14": ("script", 14, False, "gelu", {"attention": "sdpa"}),
    "dynamo_18": ("dynamo", 18, True, "gelu", {}),
    "dynamo_20": ("dynamo", 20, False, "gelu", WRITTEN_OUT),
    "dynamo_23": ("dynamo", 23, False, "gelu", {"attention": "sdpa"}),
}
OLD_FILES = {"script_16_torch_1.13": ("old script", 16, True, "gelu", {})}


def export(encoder, config, style, opset, path):
    steps = config["seq_len"]
    example = (torch.randn(3, steps, config["enc_in"]), torch.ones(3, steps))
    names = ["mean", "sequence"] + (["logits"] if encoder.fc is not None else [])
    common = {"input_names": ["x_enc", "mask"], "output_names": names, "opset_version": opset}
    if style != "dynamo":
        axes = {name: {0: "batch"} for name in ["x_enc", "mask"] + names}
        which = {"dynamo": False} if style == "script" else {"do_constant_folding": False}
        torch.onnx.export(encoder, example, str(path), dynamic_axes=axes, **which, **common)
    else:
        batch = torch.export.Dim("batch", min=1, max=4096)
        shapes = {"x_enc": {0: batch}, "mask": {0: batch}}
        torch.onnx.export(encoder, example, str(path), dynamo=True, dynamic_shapes=shapes, external_data=False,
                          **common)


def without_traces(path):
    import onnx

    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in model.graph.value_info:
        del value.metadata_props[:]
    onnx.save(model, path)


def main(checkpoint, out):
    warnings.simplefilter("ignore")
    config = json.loads((checkpoint / "config.json").read_text())
    weights = {name: torch.from_numpy(values.copy()) for name, values in read_safetensors(checkpoint / "model.safetensors").items()}
    is_old = torch.__version__.startswith("1.")
    out.mkdir(parents=True, exist_ok=True)
    for name, (style, opset, head, activation, spelling) in (OLD_FILES if is_old else FILES).items():
        encoder = Encoder(config | {"activation": activation}, with_head=head, **spelling).eval()
        state = {key: value for key, value in weights.items() if head or not key.startswith("fc.")}
        position = "enc_embedding.position_embedding.pe"
        state[position] = state[position][:, : encoder.state_dict()[position].shape[1]]
        encoder.load_state_dict(state)
        path = out / f"{name}.onnx"
        export(encoder, config, style, opset, path)
        if not is_old:
            without_traces(path)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
