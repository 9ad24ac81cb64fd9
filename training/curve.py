"""Families seen against score: how much another scenario in training is worth on scenarios that stay unseen.

    python curve.py DATA WORK [--draws 5]

Reads the vectors of step 1 and the verdicts of step 4. Drawn families of bloom and pilot are the training side, with all
benign text but one group; read are the pilot families of one fold, which is in no draw, and the benign group. Prints a row
for each number of families: mean over draws, lowest and highest, of the head and of rules + head.
"""
from __future__ import annotations

import numpy as np

import data
import evaluate
import fit_combiner
import train

SIZES = (3, 6, 12, 18, 24, 32)
KEYS = ("auroc benign", "auroc all", "tpr@5%", "tpr@1%")


def main() -> None:
    p = data.arguments("a learning curve")
    p.add_argument("--draws", type=int, default=5)
    a = p.parse_args()
    data.use(a.data)
    t = data.Table()
    bags = train.Bags(t, a.work, "reasoning")
    rules = fit_combiner.read_rules(t, a.work)
    misaligned = t.y == 1
    for size in SIZES:
        found: dict[str, list[list[float]]] = {"head": [], "rules + head": []}
        for draw in range(a.draws):
            rng = np.random.default_rng(draw)
            fold, group = draw % data.PILOT_FOLDS, draw % len(data.BENIGN_GROUPS)
            left, unseen = t.pilot & (t.fold == fold), t.benign == group
            pool = np.unique(t.family[t.bloom | (t.pilot & ~left)])
            seen = np.isin(t.family, rng.choice(pool, min(size, len(pool)), replace=False)) & (t.bloom | t.pilot)
            rows = np.flatnonzero((seen | ((t.benign >= 0) & ~unseen)) & bags.has)
            s = train.fit(bags, rows, t.y, t.source, 1).pooled(bags, np.arange(len(t.rows)))
            mean, sd = np.nanmean(s[unseen]), np.nanstd(s[unseen])
            e = fit_combiner.term(s, mean, sd)
            for name, x in (("head", e), ("rules + head", rules + fit_combiner.WEIGHT * e)):
                m = evaluate.measures(x[left & misaligned], x[left & ~misaligned], x[unseen])
                found[name].append([m[k] for k in KEYS])
        for name, values in found.items():
            v = np.array(values)
            cells = [f"{x:.2f} ({low:.2f}–{high:.2f})" for x, low, high in zip(v.mean(0), v.min(0), v.max(0))]
            print(f"| {size} | {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
