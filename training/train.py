"""Linear heads over cached window vectors, by multiple-instance learning.

Only traces are labelled. A window's score is linear in its vector, a trace's score the log-mean-exp of its windows'
scores, and the loss is on the trace. Several seeds are averaged into one linear map. Nothing here knows about folds.
"""
from __future__ import annotations

import json
import os
from dataclasses import dataclass

import numpy as np

import data

EPOCHS, RATE, DECAY, BATCH = 6, 2e-3, 1e-2, 128
# Rate: up in a straight line for a share of the steps, then down along half a cosine.
WARM_UP, BETA1, BETA2, EPSILON = 0.3, 0.9, 0.999, 1e-8


class Bags:
    """The windows of every row of a table. A row whose source is not cached has no windows."""

    def __init__(self, table: data.Table, work: str, view: str) -> None:
        xs, ids = [], []
        place = {row: n for n, row in enumerate(table.rows)}
        for s in data.SOURCES:
            if os.path.exists(f"{work}/cache/{s}.{view}.npy"):
                with open(f"{work}/cache/{s}.{view}.json") as f:
                    ids += [place[s, row] for row, _, _ in json.load(f)]
                xs.append(np.load(f"{work}/cache/{s}.{view}.npy").astype(np.float32))
        self.x = np.concatenate(xs)
        # Windows of a row stand together, since sources and rows come in order.
        self.start = np.searchsorted(ids, np.arange(len(table.rows) + 1))
        self.has = np.diff(self.start) > 0

    def windows_of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(positions in x, local bag number) of the windows of `rows`."""
        parts = [np.arange(self.start[r], self.start[r + 1]) for r in rows]
        return np.concatenate(parts), np.repeat(np.arange(len(rows)), [len(p) for p in parts])


def pool(z: np.ndarray, bag: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-mean-exp of z [windows] within bags -> [n], and each window's share in its bag [windows]."""
    top = np.full(n, -np.inf)
    np.maximum.at(top, bag, z)
    e = np.exp(z - top[bag])
    total = np.bincount(bag, e, n)
    return top + np.log(total / np.bincount(bag, minlength=n)), e / total[bag]


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
        out[some] = pool(z, bag, len(some))[0]
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


def rate_at(step: int, steps: int) -> float:
    share = step / steps
    if share < WARM_UP:
        return RATE * (0.04 * WARM_UP + 0.96 * share) / WARM_UP
    return RATE * (1 + np.cos(np.pi * (share - WARM_UP) / (1 - WARM_UP))) / 2


def fit(bags: Bags, rows: np.ndarray, y: np.ndarray, source: np.ndarray, seeds: int) -> Linear:
    """A head from the rows that have windows; `y` and `source` are columns of the whole table. The twin of fit.ts."""
    rows = rows[bags.has[rows]]
    target, weight = y[rows].astype(float), balance(source[rows], y[rows])
    at, _ = bags.windows_of(rows)
    mean, std = bags.x[at].mean(0), bags.x[at].std(0) + 1e-4
    x = (bags.x[at] - mean) / std
    start = np.concatenate([[0], np.cumsum(bags.start[rows + 1] - bags.start[rows])])
    total = np.zeros(x.shape[1] + 1)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        p, first, second = (np.zeros(x.shape[1] + 1) for _ in range(3))
        steps, step = EPOCHS * -(-len(rows) // BATCH), 0
        for _ in range(EPOCHS):
            order = rng.permutation(len(rows))
            for k in range(0, len(rows), BATCH):
                part = order[k:k + BATCH]
                own = np.concatenate([np.arange(start[r], start[r + 1]) for r in part])
                bag = np.repeat(np.arange(len(part)), start[part + 1] - start[part])
                v = x[own]
                pooled, share = pool(v @ p[:-1].astype(np.float32) + p[-1], bag, len(part))
                slope = weight[part] * (1 / (1 + np.exp(-pooled)) - target[part]) / len(part)
                g = np.append((slope[bag] * share).astype(np.float32) @ v, slope.sum())
                rate, step = rate_at(step, steps), step + 1
                first, second = BETA1 * first + (1 - BETA1) * g, BETA2 * second + (1 - BETA2) * g * g
                move = (first / (1 - BETA1**step)) / (np.sqrt(second / (1 - BETA2**step)) + EPSILON)
                p = p * (1 - rate * DECAY) - rate * move
        total += p / seeds
    return Linear(mean, std, total[:-1], float(total[-1]))
