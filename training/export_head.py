"""Step 3: the heads of the shipped model, in the format of docs/classifier.md.

    python export_head.py DATA WORK MODEL_DIR [--seeds 5] [--answer]

MODEL_DIR holds encoder.int8.onnx and vocab.txt; head.json is written beside them and names their hashes. Trained on
bloom, the public pilot families and the benign sources. The calibration comes from the out-of-fold scores of step 2.
"""
from __future__ import annotations

import hashlib
import json
import os

import numpy as np

import data
import train
from fit_combiner import calibrate

DIMENSIONS, FILES = 384, ("encoder.int8.onnx", "vocab.txt")


def file_of(path: str) -> dict:
    with open(path, "rb") as f:
        return {"bytes": os.path.getsize(path), "sha256": hashlib.sha256(f.read()).hexdigest()}


def head_of(t: data.Table, a, name: str, views: list[str], text: str) -> dict:
    bags = train.Bags(t, a.work, text)
    rows = np.flatnonzero((t.bloom | t.pilot | (t.benign >= 0)) & bags.has)
    h = train.fit(bags, rows, t.y, t.source, a.seeds)
    s = np.load(f"{a.work}/scores/{text}.families.npz")["s"]
    short = lambda v: [float(f"{x:.6g}") for x in v]
    return {"name": name, "views": views, "category": None, "seeds": a.seeds, "mean": short(h.mean), "std": short(h.std),
            "weights": short(h.weights), "bias": float(f"{h.bias:.6g}"), "temperature": 1,
            "calibration": calibrate(t, s), "trainedOn": list(dict.fromkeys(str(s) for s in t.source[rows])),
            "calibratedOn": "out-of-fold scores, families and benign sources left out, at a prevalence of 1%"}


def main() -> None:
    p = data.arguments("the shipped heads")
    p.add_argument("model", help="folder of encoder.int8.onnx and vocab.txt")
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--answer", action="store_true", help="an answer head too")
    a = p.parse_args()
    data.use(a.data)
    t = data.Table()
    heads = [head_of(t, a, "reasoning", ["reasoning", "reasoning_summary"], "reasoning")]
    if a.answer:
        heads.append(head_of(t, a, "answer", ["answer", "action"], "output"))
    doc = {"format": "cot-monitor.head.v1", "encoder": {"dimensions": DIMENSIONS, "maxTokens": 160},
           "files": {n: file_of(f"{a.model}/{n}") for n in FILES}, "heads": heads}
    path = f"{a.model}/head.json"
    with open(f"{path}.tmp", "w") as f:
        f.write(json.dumps(doc) + "\n")
    os.replace(f"{path}.tmp", path)
    print(file_of(path))


if __name__ == "__main__":
    main()
