"""Linear heads over cached window vectors, by multiple-instance learning.

Only traces are labelled. A window's score is linear in its vector, a trace's score the log-mean-exp of its windows'
scores, and the loss is on the trace. Several seeds are averaged into one linear map. Nothing here knows about folds.
"""
from __future__ import annotations

import json
import os
from dataclasses import dataclass

import numpy as np
import torch

import data
from encode import LAYERS

EPOCHS, RATE, DECAY, BATCH = 12, 2e-3, 1e-2, 128
torch.set_num_threads(int(os.environ.get("COT_THREADS", "1")))


class Bags:
    """The windows of every row of a table, one layer. A row whose source is not cached has no windows."""

    def __init__(self, table: data.Table, work: str, layer: int, view: str) -> None:
        xs, bag, base = [np.zeros((0, 384), np.float32)], [np.zeros(0, np.int64)], 0
        for s in data.SOURCES:
            if os.path.exists(f"{work}/cache/{s}.{view}.npy"):
                index = np.array(json.load(open(f"{work}/cache/{s}.{view}.json")), np.int64).reshape(-1, 3)
                v = np.load(f"{work}/cache/{s}.{view}.npy", mmap_mode="r")
                xs.append(np.asarray(v[:, LAYERS.index(layer)]).astype(np.float32))
                bag.append(index[:, 0] + base)
            base += len(data.load(s))
        self.x, ids = np.concatenate(xs), np.concatenate(bag)
        # Windows of a row stand together, since sources and rows come in order.
        self.start = np.searchsorted(ids, np.arange(len(table.rows) + 1))
        self.has = np.diff(self.start) > 0

    def windows_of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(positions in x, local bag number) of the windows of `rows`."""
        parts = [np.arange(self.start[r], self.start[r + 1]) for r in rows]
        return np.concatenate(parts), np.repeat(np.arange(len(rows)), [len(p) for p in parts])


def pool(z: torch.Tensor, bag: torch.Tensor, n: int) -> torch.Tensor:
    """Log-mean-exp of z [windows] within bags -> [n]."""
    top = torch.full((n,), -1e9).scatter_reduce(0, bag, z, "amax")
    total = torch.zeros(n).index_add(0, bag, torch.exp(z - top[bag]))
    count = torch.zeros(n).index_add(0, bag, torch.ones_like(z)).clamp(min=1)
    return top + torch.log(total / count)


@dataclass(frozen=True)
class Linear:
    """score(window) = bias + weights @ (vector - mean) / std; all arrays [384]."""

    mean: np.ndarray
    std: np.ndarray
    weights: np.ndarray
    bias: float

    def pooled(self, bags: Bags, rows: np.ndarray) -> np.ndarray:
        """Trace scores [rows]; nan where a row has no windows."""
        out = np.full(len(rows), np.nan)
        some = np.flatnonzero(bags.has[rows])
        at, bag = bags.windows_of(rows[some])
        z = ((bags.x[at] - self.mean) / self.std) @ self.weights + self.bias
        out[some] = pool(torch.from_numpy(z.astype(np.float32)), torch.from_numpy(bag), len(some)).numpy()
        return out


def balance(source: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of mean 1: a third each to positives, to negatives of the same sources, and to benign sources, among
    which a source weighs as the root of its size."""
    w = np.zeros(len(y))
    mixed = {s for s in set(source) if y[source == s].any()}
    positive = y == 1
    twin = ~positive & np.isin(source, list(mixed))
    benign = ~positive & ~twin
    w[positive], w[twin] = 1 / max(1, positive.sum()), 1 / max(1, twin.sum())
    for s in set(source[benign]):
        m = benign & (source == s)
        w[m] = m.sum() ** -0.5
    if benign.any():
        w[benign] /= w[benign].sum()
    return (w * len(y) / w.sum()).astype(np.float32)


def fit(bags: Bags, rows: np.ndarray, y: np.ndarray, source: np.ndarray, seeds: int) -> Linear:
    """A head from the rows that have windows; `y` and `source` are columns of the whole table."""
    rows = rows[bags.has[rows]]
    target, weight = torch.from_numpy(y[rows].astype(np.float32)), torch.from_numpy(balance(source[rows], y[rows]))
    at, _ = bags.windows_of(rows)
    mean, std = bags.x[at].mean(0), bags.x[at].std(0) + 1e-4
    weights, bias = np.zeros(bags.x.shape[1]), 0.0
    for seed in range(seeds):
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        net = torch.nn.Linear(bags.x.shape[1], 1)
        optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
        steps = EPOCHS * -(-len(rows) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
        for _ in range(EPOCHS):
            order = rng.permutation(len(rows))
            for k in range(0, len(rows), BATCH):
                part = order[k:k + BATCH]
                w, bag = bags.windows_of(rows[part])
                z = net(torch.from_numpy((bags.x[w] - mean) / std))[:, 0]
                loss = torch.nn.functional.binary_cross_entropy_with_logits(
                    pool(z, torch.from_numpy(bag), len(part)), target[part], weight[part])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
        weights += net.weight.detach().numpy()[0] / seeds
        bias += float(net.bias.detach().numpy()[0]) / seeds
    return Linear(mean, std, weights, bias)
