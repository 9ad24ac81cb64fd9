"""Step 2: scores of rows that a head has not seen, and measures with bootstrap intervals.

    python evaluate.py DATA WORK [--view reasoning] [--seeds 3]

Protocols. In each, a benign group is left out as well, and false alarms are counted on it.
  families        bloom by family (3) and pilot by fold of families (8): all else is the training side. How the shipped
                  head is trained, so the combiner is fitted on it.
  pilot-to-bloom  trained on pilot and benign text, read on bloom
  bloom-to-pilot  trained on bloom and benign text, read on pilot
Private families are in none. WORK/scores/VIEW.PROTOCOL.npz: s, float [N], the mean over the heads that had not
seen a row, nan where none read it. A file that exists is not computed again.
"""
from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
from scipy.stats import rankdata

import data
import train

PROTOCOLS = ("families", "pilot-to-bloom", "bloom-to-pilot")


def splits(t: data.Table, protocol: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(training side, read side), boolean [N]."""
    for g in range(len(data.BENIGN_GROUPS)):
        seen, unseen = (t.benign >= 0) & (t.benign != g), (t.benign == g) | t.bluff
        if protocol == "families":
            for f in np.unique(t.family[t.bloom]):
                left = t.bloom & (t.family == f)
                yield (t.bloom & ~left) | t.pilot | seen, left | unseen
            for k in range(data.PILOT_FOLDS):
                if k % len(data.BENIGN_GROUPS) == g:
                    left = t.pilot & (t.fold == k)
                    yield (t.pilot & ~left) | t.bloom | seen, left | unseen
        elif protocol == "pilot-to-bloom":
            yield t.pilot | seen, t.bloom | unseen
        else:
            yield t.bloom | seen, t.pilot | unseen


def crossfit(t: data.Table, bags: train.Bags, protocol: str, seeds: int) -> np.ndarray:
    """Score per row by heads that have seen neither its family nor its benign group."""
    total, count = np.zeros(len(t.rows)), np.zeros(len(t.rows))
    for left, read in splits(t, protocol):
        rows = np.flatnonzero(read)
        total[rows] += train.fit(bags, np.flatnonzero(left), t.y, t.source, seeds).pooled(bags, rows)
        count[rows] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    if len(positive) == 0 or len(negative) == 0:
        return float("nan")
    r = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    return float((r.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def threshold(benign: np.ndarray, fpr: float) -> float:
    """The score that at most a share `fpr` of benign rows lies above."""
    return float(np.sort(benign)[::-1][int(np.floor(fpr * len(benign)))])


def measures(positive: np.ndarray, twin: np.ndarray, benign: np.ndarray) -> dict[str, float]:
    d = {"auroc benign": auroc(positive, benign), "auroc all": auroc(positive, np.concatenate([twin, benign])),
         "auroc twins": auroc(positive, twin)}
    for f in (0.05, 0.01, 0.001):
        d[f"tpr@{f * 100:g}%"] = float((positive > threshold(benign, f)).mean())
    d["twins@1%"] = float((twin > threshold(benign, 0.01)).mean()) if len(twin) else float("nan")
    return d


def bootstrap(positive, twin, benign, cluster, draws: int = 300, seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """(value, 2.5%, 97.5%) for each measure. Positives are resampled by cluster (scenario or family), not by row."""
    rng = np.random.default_rng(seed)
    names = np.unique(cluster)
    own = {n: positive[cluster == n] for n in names}
    drawn = [measures(np.concatenate([own[n] for n in rng.choice(names, len(names))]),
                      rng.choice(twin, len(twin)), rng.choice(benign, len(benign))) for _ in range(draws)]
    point = measures(positive, twin, benign)
    return {k: (v, *np.nanpercentile([d[k] for d in drawn], [2.5, 97.5])) for k, v in point.items()}


def main() -> None:
    p = data.arguments("out-of-fold scores of a head")
    p.add_argument("--view", default="reasoning", choices=["reasoning", "output"])
    p.add_argument("--seeds", type=int, default=3)
    a = p.parse_args()
    data.use(a.data)
    t = data.Table()
    bags = train.Bags(t, a.work, a.view)
    os.makedirs(f"{a.work}/scores", exist_ok=True)
    for protocol in PROTOCOLS:
        path = f"{a.work}/scores/{a.view}.{protocol}.npz"
        if not os.path.exists(path):
            np.savez(path, s=crossfit(t, bags, protocol, a.seeds))
        s = np.load(path)["s"]
        for name, rows in (("bloom", t.bloom), ("pilot", t.pilot)):
            m, b = rows & ~np.isnan(s), (t.benign >= 0) & ~np.isnan(s)
            if m.any():
                r = bootstrap(s[m & (t.y == 1)], s[m & (t.y == 0)], s[b], t.cluster[m & (t.y == 1)], 100)
                print(protocol, name, {k: tuple(round(float(x), 3) for x in v) for k, v in r.items()}, flush=True)


if __name__ == "__main__":
    main()
