"""Step 1: vectors of every window, from the frozen encoder.

    python encode.py DATA WORK --model MODEL_DIR [--views reasoning output] [--sources ...]

Resumable: a finished part of 1,024 windows is never computed again.
WORK/cache/SOURCE.VIEW.json   [row, start, end] for each window, UTF-16 offsets
WORK/cache/SOURCE.VIEW.npy    float16 [windows, 5, 384]: the mean over tokens of layers 2 to 6
"""
from __future__ import annotations

import json
import os
import time

import numpy as np

import data
from windows import slices, windows

LAYERS = (2, 3, 4, 5, 6)
MAX_TOKENS = 160
PART = 1024
MAX_WINDOWS = {"reasoning": 60, "output": 12}


def spread(spans: list, most: int) -> list:
    """At most `most` windows: a quarter from the beginning, a quarter from the end, the rest evenly between."""
    n = len(spans)
    if n <= most:
        return spans
    q = most // 4
    middle = np.linspace(q, n - q - 1, most - 2 * q).round().astype(int)
    return [spans[i] for i in sorted({*range(q), *middle.tolist(), *range(n - q, n)})]


def plan(source: str, view: str) -> tuple[list, list[str]]:
    """([row, start, end] per window, the windows' texts)."""
    index, texts = [], []
    for i, row in enumerate(data.load(source)):
        spans = spread(windows(row[view]), MAX_WINDOWS[view])
        index += [(i, a, b) for a, b in spans]
        texts += slices(row[view], spans)
    return index, texts


class Encoder:
    def __init__(self, path: str) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer
        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.model = AutoModel.from_pretrained(path, attn_implementation="sdpa").eval().float()

    def __call__(self, texts: list[str], token_budget: int = 1024) -> np.ndarray:
        """float16 [texts, layers, 384]; windows of like length share a batch, so that little is padded."""
        torch = self.torch
        ids = self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.zeros((len(ids), len(LAYERS), self.model.config.hidden_size), np.float16)
        at = 0
        with torch.inference_mode():
            while at < len(order):
                end, width = at, 0
                while end < len(order):
                    width = max(width, len(ids[order[end]]))
                    if end > at and width * (end - at + 1) > token_budget:
                        break
                    end += 1
                batch = [ids[i] for i in order[at:end]]
                width = max(map(len, batch))
                x = torch.zeros(len(batch), width, dtype=torch.long)
                mask = torch.zeros(len(batch), width, dtype=torch.long)
                for k, b in enumerate(batch):
                    x[k, :len(b)] = torch.tensor(b)
                    mask[k, :len(b)] = 1
                states = self.model(input_ids=x, attention_mask=mask, output_hidden_states=True).hidden_states
                w = mask[:, None, :].float() / mask.sum(1)[:, None, None]
                for j, layer in enumerate(LAYERS):
                    out[order[at:end], j] = (w @ states[layer])[:, 0].numpy().astype(np.float16)
                at = end
        return out


def main() -> None:
    p = data.arguments("vectors of every window")
    p.add_argument("--model", required=True, help="folder of all-MiniLM-L6-v2")
    p.add_argument("--views", nargs="+", default=["reasoning", "output"], choices=sorted(MAX_WINDOWS))
    p.add_argument("--sources", nargs="+", default=list(data.SOURCES))
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
