"""Step 1: vectors of windows, from the encoder that is shipped, one window a run as in the service.

    python encode.py DATA WORK MODEL_DIR [--views reasoning output] [--sources ...]

Resumable: a finished part of 512 windows is never computed again. Which rows are read is data.sample's matter; of a row at
most MAX_WINDOWS windows are, evenly spread, since the service reads few of a long text too.
WORK/cache/SOURCE.VIEW.json   [row, start, end] for each window, UTF-16 offsets
WORK/cache/SOURCE.VIEW.npy    float16 [windows, dimensions]
"""
from __future__ import annotations

import json
import os
import time

import numpy as np

import data
from windows import slices, windows

MAX_TOKENS = 160
PART = 512
MAX_WINDOWS = 6


def spread(spans: list, most: int) -> list:
    """At most `most` windows, evenly spread, the first and the last among them."""
    if len(spans) <= most:
        return spans
    return [spans[i] for i in sorted({*np.linspace(0, len(spans) - 1, most).round().astype(int).tolist()})]


def plan(source: str, view: str) -> tuple[list, list[str]]:
    """([row, start, end] per window, the windows' texts). Text in a script that the service leaves unread has none."""
    index, texts = [], []
    for i in data.sample(source):
        text = data.load(source)[i][view]
        if data.is_foreign(text):
            continue
        spans = spread(windows(text), MAX_WINDOWS)
        index += [(i, a, b) for a, b in spans]
        texts += slices(text, spans)
    return index, texts


class Encoder:
    def __init__(self, folder: str) -> None:
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(f"{folder}/encoder.int8.onnx", options, providers=["CPUExecutionProvider"])
        self.tokenizer = BertWordPieceTokenizer(f"{folder}/vocab.txt", lowercase=True)
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def __call__(self, texts: list[str]) -> np.ndarray:
        """float16 [texts, dimensions]"""
        out = []
        for text in texts:
            ids = np.array([self.tokenizer.encode(text).ids], np.int64)
            out.append(self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0])
        return np.array(out, np.float16)


def main() -> None:
    p = data.arguments("vectors of windows")
    p.add_argument("model", help="folder of encoder.int8.onnx and vocab.txt")
    p.add_argument("--views", nargs="+", default=["reasoning"], choices=["reasoning", "output"])
    p.add_argument("--sources", nargs="+", default=[s for s in data.SOURCES if s != data.BLUFF])
    a = p.parse_args()
    data.use(a.data)
    cache = f"{a.work}/cache"
    os.makedirs(f"{cache}/parts", exist_ok=True)
    encoder = None
    for view in a.views:
        for source in a.sources:
            final = f"{cache}/{source}.{view}.npy"
            if os.path.exists(final):
                continue
            index, texts = plan(source, view)
            start, parts = time.time(), []
            for k in range(0, len(texts), PART):
                name = f"{cache}/parts/{source}.{view}.{k}.npy"
                parts.append(name)
                if not os.path.exists(name):
                    encoder = encoder or Encoder(a.model)
                    np.save(f"{name}.tmp.npy", encoder(texts[k:k + PART]))
                    os.replace(f"{name}.tmp.npy", name)
                    print(f"{source} {view} {min(k + PART, len(texts))}/{len(texts)} {time.time() - start:.0f} s", flush=True)
            with open(f"{cache}/{source}.{view}.json", "w") as f:
                json.dump(index, f)
            np.save(f"{final}.tmp.npy", np.concatenate([np.load(n) for n in parts]))
            os.replace(f"{final}.tmp.npy", final)
            for n in parts:
                os.remove(n)


if __name__ == "__main__":
    main()
