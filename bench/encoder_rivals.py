# SPDX-License-Identifier: MIT
"""The other side of compare_encoders.py: the same network in ONNX Runtime, OpenVINO or PyTorch, a process that answers
lines of stdin.

    python encoder_rivals.py onnxruntime MODEL.onnx BATCH THREADS WORKERS
    python encoder_rivals.py openvino MODEL BATCH THREADS WORKERS PRECISION     a hint: f32, or default for OpenVINO's choice
    python encoder_rivals.py torch CHECKPOINT_DIR BATCH THREADS WORKERS
    python encoder_rivals.py compiled CHECKPOINT_DIR BATCH THREADS WORKERS      the same by torch.compile
    python encoder_rivals.py modality MODEL.onnx OUTPUT BATCH      of compare_modalities.py: one thread

One worker of THREADS threads, or WORKERS of one thread each side by side. `openvino` runs the ONNX file or one that
`python encoder_rivals.py quantise MODEL.onnx OUT.xml` wrote, in eight bits by NNCF.

First prints "ready SECONDS VERSION"; then for each line "encode N" the seconds for N light curves, by the
wall clock and of processor time, or for a line
"check FILE" writes the means of the same few light curves there, so that nobody is measured who computes something else.
"""

import sys
import threading
import time

CHECKED = 2  # light curves


def inputs(batch):
    import numpy as np

    rng = np.random.default_rng(1)
    return {"x_enc": rng.standard_normal((batch, 200, 9)).astype(np.float32), "mask": np.ones((batch, 200), np.float32)}


class SideBySide:
    """Encodes n light curves by `workers`, functions that run one batch each, every one on a thread of its own."""

    def __init__(self, workers, batch):
        self.workers, self.batch = workers, batch

    def __call__(self, n):
        calls = max(1, n // self.batch)
        share = max(1, calls // len(self.workers))

        def run(worker):
            for _ in range(share):
                worker()

        threads = [threading.Thread(target=run, args=(worker,)) for worker in self.workers[1:]]
        for thread in threads:
            thread.start()
        run(self.workers[0])
        for thread in threads:
            thread.join()
        return share * len(self.workers) * self.batch

    def means(self):
        return self.workers[0]()


def onnxruntime_encoder(model, batch, threads, workers):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    feed = inputs(batch)

    def worker():
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(["mean"], feed)[0]

    return SideBySide([worker() for _ in range(workers)], batch), onnxruntime.__version__


def openvino_encoder(model, batch, threads, workers, precision):
    """The batch is fixed, since OpenVINO makes its kernels for the shapes that it knows."""
    import openvino

    feed = inputs(batch)

    def worker():
        core = openvino.Core()
        network = core.read_model(model)
        network.reshape({name: list(values.shape) for name, values in feed.items()})
        hints = {} if precision == "default" else {"INFERENCE_PRECISION_HINT": precision}
        compiled = core.compile_model(network, "CPU", {"INFERENCE_NUM_THREADS": str(threads), "NUM_STREAMS": "1", **hints})
        request = compiled.create_infer_request()
        for name, values in feed.items():
            request.set_tensor(name, openvino.Tensor(values))

        def run():
            request.infer()
            return request.get_tensor("mean").data

        return run, str(compiled.get_property("INFERENCE_PRECISION_HINT"))

    made = [worker() for _ in range(workers)]
    found = made[0][1].split("'")[1] if "'" in made[0][1] else made[0][1].split()[-1].strip("<>")
    version = openvino.__version__.split("-")[0]
    return SideBySide([run for run, _ in made], batch), version if precision != "default" else f"{version}:{found}"


def quantise(model, out):
    """NNCF's eight bits of a transformer, calibrated with light curves like those that are measured."""
    import nncf
    import openvino

    rows = [{name: values[i:i + 1] for name, values in inputs(64).items()} for i in range(64)]
    small = nncf.quantize(openvino.Core().read_model(model), nncf.Dataset(rows), model_type=nncf.ModelType.TRANSFORMER,
                          subset_size=len(rows))
    openvino.save_model(small, out, compress_to_fp16=False)


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
    return SideBySide([lambda: session.run([output], feed)[0]], batch), onnxruntime.__version__


def torch_encoder(folder, batch, threads, workers, is_compiled=False):
    import torch
    from torch_network import Network

    torch.set_num_threads(threads)
    network = Network(folder).eval().requires_grad_(False)
    x, mask = map(torch.from_numpy, inputs(batch).values())
    if is_compiled:
        import torch._inductor.config

        torch._inductor.config.freezing = True  # weights are constants, which lets it arrange them
        torch._inductor.config.compile_threads = 1
        network = torch.compile(network, dynamic=False)

    def run():
        with torch.inference_mode() if not is_compiled else torch.no_grad():
            return network(x, mask).numpy()

    run()
    return SideBySide([run] * workers, batch), torch.__version__.split("+")[0]


def compiled_encoder(*arguments):
    return torch_encoder(*arguments, is_compiled=True)


def print_seconds(encode, n):
    """Of n light curves, by both clocks, where `encode` does about as many and says how many."""
    start, start_processor = time.perf_counter(), time.process_time()
    done = encode(n)
    seconds, processor = time.perf_counter() - start, time.process_time() - start_processor
    print(seconds * n / done, processor * n / done, flush=True)


def main():
    kind, model, *numbers = sys.argv[1:]
    if kind == "quantise":
        return quantise(model, *numbers)
    start = time.perf_counter()
    make = {"onnxruntime": onnxruntime_encoder, "openvino": openvino_encoder, "torch": torch_encoder, "compiled": compiled_encoder,
            "modality": modality_encoder}[kind]
    encode, version = make(model, *(int(n) if n.isdigit() else n for n in numbers))
    print("ready", time.perf_counter() - start, version, flush=True)
    for line in sys.stdin:
        task, argument = line.split()
        if task == "check":
            encode.means()[:CHECKED].astype("<f4").tofile(argument)
            print(0.0, flush=True)
        else:
            print_seconds(encode, int(argument))


if __name__ == "__main__":
    main()
