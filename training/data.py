"""The labelled traces, which of them stay private, and the folds.

A data folder holds NAME.jsonl.gz for each source and pilot/traces.jsonl. A row has id, family, label (1 misaligned,
0 not), reasoning and output; bloom rows also a group, the scenario they come from.
"""
from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
from functools import lru_cache

import numpy as np

BENIGN = ("benign-safety", "benign-judgement", "benign-coding", "benign-math", "benign-tasks")
# Left out together: false alarms are counted on text that is unlike any benign text of the training side.
BENIGN_GROUPS = (("benign-safety", "benign-tasks"), ("benign-judgement", "benign-math"), ("benign-coding",))
BLUFF = "bluff-game-zh"
SOURCES = ("bloom", *BENIGN, "pilot", BLUFF)
# Rows without a positive label that are read of a source, by hash order; positives and the pilot are read whole.
MOST_TWINS, MOST_BENIGN = 450, 250
PILOT_FOLDS, PRIVATE_FAMILIES, PRIVATE_SEED = 8, 3, "cot-monitor/private/1"

_root = ""


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser that already knows the two folders every step needs."""
    p = argparse.ArgumentParser(description=description)
    p.add_argument("data", help="folder of the labelled traces")
    p.add_argument("work", help="folder for caches, scores and verdicts, outside the repository")
    return p


def use(root: str) -> None:
    """Sets the folder that load() reads."""
    global _root
    _root = root


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def path_of(source: str) -> str:
    return f"{_root}/pilot/traces.jsonl" if source == "pilot" else f"{_root}/{source}.jsonl.gz"


@lru_cache(None)
def load(source: str) -> tuple[dict, ...]:
    """Rows in the file's order, with `reasoning` and `output` never null."""
    path = path_of(source)
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return tuple({**r, "reasoning": r.get("reasoning") or "", "output": r.get("output") or ""} for r in rows)


@lru_cache(None)
def sample(source: str) -> tuple[int, ...]:
    """Numbers of the rows that are read of a source, rising."""
    rows = load(source)
    if source in ("pilot", BLUFF):
        return tuple(range(len(rows)))
    order = lambda i: hashlib.sha256(f"sub {source} {i}".encode()).hexdigest()
    negative = sorted((i for i, r in enumerate(rows) if not r["label"]), key=order)
    most = MOST_TWINS if source == "bloom" else MOST_BENIGN
    return tuple(sorted([*(i for i, r in enumerate(rows) if r["label"]), *negative[:most]]))


@lru_cache(None)
def private_families() -> tuple[str, ...]:
    """Pilot families that nothing is trained or chosen on, by hash order."""
    names = sorted({r["family"] for r in load("pilot")}, key=lambda n: _hash(PRIVATE_SEED, n))
    return tuple(names[:PRIVATE_FAMILIES])


@lru_cache(None)
def pilot_fold(family: str) -> int:
    """Public families in folds of near-equal size, by hash order; -1 for a private one."""
    if family in private_families():
        return -1
    public = {r["family"] for r in load("pilot")} - set(private_families())
    return sorted(public, key=lambda n: _hash("fold", n)).index(family) % PILOT_FOLDS


def is_foreign(text: str) -> bool:
    """Whether more than half of the letters are not Latin: the service's classifier leaves such text unread."""
    letters = [c for c in text if c.isalpha()]
    return 2 * sum(not (c < "\u0250" or "\u1e00" <= c < "\u1f00") for c in letters) > len(letters)


class Table:
    """The rows that are read of all sources, flat: arrays of length N in the order of SOURCES and of their files."""

    def __init__(self) -> None:
        self.rows = [(s, i) for s in SOURCES for i in sample(s)]
        column = lambda f: np.array([f(s, load(s)[i]) for s, i in self.rows])
        self.source = np.array([s for s, _ in self.rows])
        self.y = column(lambda s, r: int(r["label"]))
        self.family = column(lambda s, r: r["family"])
        self.cluster = column(lambda s, r: str(r.get("group") or r["family"]) if s == "bloom" else r["family"])
        self.fold = column(lambda s, r: pilot_fold(r["family"]) if s == "pilot" else -1)
        self.foreign = column(lambda s, r: is_foreign(r["reasoning"]))
        self.private = (self.source == "pilot") & (self.fold < 0)
        self.benign = np.array([next((g for g, m in enumerate(BENIGN_GROUPS) if s in m), -1) for s in self.source])
        self.bloom, self.bluff = self.source == "bloom", self.source == BLUFF
        self.pilot = (self.source == "pilot") & ~self.private
