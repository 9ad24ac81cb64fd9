"""Writes the rows that training reads of each public source as a folder for `npm run eval`, so that both mean the same rows.

    python sample.py DATA OUT
"""
from __future__ import annotations

import gzip
import os

import data


def main() -> None:
    p = data.arguments("a sample of the public traces, as a folder")
    a = p.parse_args()
    data.use(a.data)
    os.makedirs(a.work, exist_ok=True)
    for source in ("bloom", *data.BENIGN):
        with gzip.open(data.path_of(source), "rt", encoding="utf-8") as f:
            lines = f.readlines()
        with gzip.open(f"{a.work}/{source}.jsonl.gz", "wt", encoding="utf-8") as f:
            f.writelines(lines[i] for i in data.sample(source))


if __name__ == "__main__":
    main()
