#!/usr/bin/env python3
"""torch's side of bench:gradient: forward and backward of a linear softmax head's mean cross-entropy, float32, one thread.

    torch_gradient.py FEATURE_DIR

Prints {"torch": version} when it is ready. Each line {"repetitions": n} on stdin is answered with one line
{"ms": [each], "loss", "norm"}, measured as test/bench/ops/timing.ts measures: many runs at a time, 100 ms or so. Ends with
stdin. The other sides take turns with it, so it must not keep a core busy while it waits.
"""
import os
for v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[v] = "1"
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch

MEASUREMENT_S = 0.1


def load(folder):
    meta = json.loads((folder / "meta.json").read_text())
    features = np.fromfile(folder / "train.features.f32", "<f4").reshape(-1, meta["dims"])
    labels = np.fromfile(folder / "train.labels.i32", "<i4").astype("i8")
    return torch.from_numpy(features), torch.from_numpy(labels), meta["dims"], len(meta["classes"])


def prepare(folder):
    x, y, dims, classes = load(folder)
    # The same formula as weightsOf in test/bench/ops/prepared.ts.
    w = torch.from_numpy((0.02 * np.sin(np.arange(1, dims * classes + 1))).astype("f4").reshape(dims, classes))
    b = torch.zeros(classes, requires_grad=True)
    w.requires_grad_()

    def gradient():
        w.grad = b.grad = None
        loss = torch.nn.functional.cross_entropy(x @ w + b, y)
        loss.backward()
        return loss.item(), w.grad, b.grad

    return gradient


def run(times, work):
    started = time.perf_counter()
    for _ in range(times):
        result = work()
    return time.perf_counter() - started, result


def repeated(repetitions, work):
    run(1, work)
    runs, seconds = 1, run(1, work)[0]
    while seconds < MEASUREMENT_S / 2:
        runs *= 2
        seconds = run(runs, work)[0]
    runs = max(1, math.ceil(runs * MEASUREMENT_S / seconds))
    measured = [run(runs, work) for _ in range(repetitions)]
    return [1000 * seconds / runs for seconds, _ in measured], measured[-1][1]


def main():
    torch.set_num_threads(1)
    work = prepare(pathlib.Path(sys.argv[1]))
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        ms, (loss, w, b) = repeated(json.loads(line)["repetitions"], work)
        norm = math.sqrt(float((w.double() ** 2).sum() + (b.double() ** 2).sum()))
        print(json.dumps({"ms": ms, "loss": loss, "norm": norm}), flush=True)


main()
