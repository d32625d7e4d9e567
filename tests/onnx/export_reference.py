#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Writes the ONNX files of tests/golden/onnx: the tiny checkpoint through PyTorch's exporters.
#
#   export_reference.py CHECKPOINT_DIR OUT_DIR       needs torch, onnxscript and safetensors

import json
import pathlib
import sys
import warnings

import torch
from reference_encoder import Encoder
from safetensors.torch import load_file

# name: (exporter, opset, head, spelling)
FILES = {
    "script_17": ("script", 17, True, {}),
    "script_13": ("script", 13, False, {"attention": "matmul", "feed_forward": "linear", "padding": "concat"}),
    "script_14": ("script", 14, False, {"attention": "sdpa"}),
    "dynamo_18": ("dynamo", 18, True, {}),
    "dynamo_20": ("dynamo", 20, False, {"attention": "matmul", "feed_forward": "linear", "padding": "concat"}),
    "dynamo_23": ("dynamo", 23, False, {"attention": "sdpa"}),
}


def export(encoder, config, style, opset, path):
    steps = config["seq_len"]
    example = (torch.randn(3, steps, config["enc_in"]), torch.ones(3, steps))
    names = ["mean", "sequence"] + (["logits"] if encoder.fc is not None else [])
    common = {"input_names": ["x_enc", "mask"], "output_names": names, "opset_version": opset}
    if style == "script":
        axes = {name: {0: "batch"} for name in ["x_enc", "mask"] + names}
        torch.onnx.export(encoder, example, str(path), dynamo=False, dynamic_axes=axes, **common)
    else:
        batch = torch.export.Dim("batch", min=1, max=4096)
        shapes = {"x_enc": {0: batch}, "mask": {0: batch}}
        torch.onnx.export(encoder, example, str(path), dynamo=True, dynamic_shapes=shapes, external_data=False,
                          **common)


def main(checkpoint, out):
    warnings.simplefilter("ignore")
    config = json.loads((checkpoint / "config.json").read_text())
    weights = load_file(checkpoint / "model.safetensors")
    out.mkdir(parents=True, exist_ok=True)
    for name, (style, opset, head, spelling) in FILES.items():
        torch.manual_seed(1)
        encoder = Encoder(config, with_head=head, **spelling).eval()
        encoder.load_state_dict(weights, strict=head)  if head else encoder.load_state_dict(weights, strict=False)
        export(encoder, config, style, opset, out / f"{name}.onnx")
        print(name, (out / f"{name}.onnx").stat().st_size)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
