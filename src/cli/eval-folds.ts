import type { LabelledRow } from './eval-rows.ts';
import { benignSources } from './eval-rows.ts';

// What is left out together. A row is read by heads that have seen neither its family (or source) nor, where it is benign
// traffic, anything of its source; with every family of positives a group of benign sources is left out as well, so that
// false alarms are counted on text that the same head has not seen either.

export type Unit = 'family' | 'source';

export interface Fold {
  /** What it leaves out, for the report. */
  readonly left: readonly string[];
  /** Rows to train on, and rows to read, by index. */
  readonly train: readonly number[];
  readonly read: readonly number[];
}

/** A family with this many positives is left out by itself; smaller ones of a source go together. */
const OWN_FOLD = 20;
const SMALL_FOLDS = 8;
const BENIGN_FOLDS = 3;

type Row = Pick<LabelledRow, 'source' | 'family' | 'positive'>;

const unitOf = ({ source, family }: Row, by: Unit): string => (by === 'source' ? source : `${source} ${family}`);

/** Sources of benign traffic in a few groups of like size, the largest first. */
const benignGroups = (rows: readonly Row[], sources: ReadonlySet<string>): string[][] => {
  const sizes = [...sources]
    .map((source) => ({ source, size: rows.filter((r) => r.source === source).length }))
    .sort((a, b) => b.size - a.size || (a.source < b.source ? -1 : 1));
  const groups = Array.from({ length: Math.min(BENIGN_FOLDS, sizes.length) }, () => ({
    names: [] as string[],
    size: 0,
  }));
  for (const { source, size } of sizes) {
    const group = groups.reduce((least, g) => (g.size < least.size ? g : least));
    group.names.push(source);
    group.size += size;
  }
  return groups.map(({ names }) => names);
};

/** Units with positives, the small ones of a source dealt out over a few groups. */
const guiltyGroups = (rows: readonly Row[], by: Unit): string[][] => {
  const positives = new Map<string, number>();
  const sources = new Map<string, string>();
  for (const row of rows) {
    const unit = unitOf(row, by);
    sources.set(unit, row.source);
    if (row.positive) positives.set(unit, (positives.get(unit) ?? 0) + 1);
  }
  const groups: string[][] = [];
  const small = new Map<string, string[]>();
  for (const unit of [...positives.keys()].sort()) {
    if (by === 'source' || positives.get(unit)! >= OWN_FOLD) groups.push([unit]);
    else small.set(sources.get(unit)!, [...(small.get(sources.get(unit)!) ?? []), unit]);
  }
  for (const units of small.values()) {
    const count = Math.min(SMALL_FOLDS, units.length);
    for (let i = 0; i < count; i++) groups.push(units.filter((_, k) => k % count === i));
  }
  return groups;
};

/** Folds that have something to train on; rows that are in none cannot be read so. */
export const foldsOf = (rows: readonly Row[], by: Unit): Fold[] => {
  const benign = benignSources(rows);
  const quiet = benignGroups(rows, benign);
  const folds: Fold[] = [];
  for (const guilty of guiltyGroups(rows, by)) {
    for (const sources of quiet.length === 0 ? [[]] : quiet) {
      const [train, read]: [number[], number[]] = [[], []];
      for (const [i, row] of rows.entries()) {
        const left = benign.has(row.source) ? sources.includes(row.source) : guilty.includes(unitOf(row, by));
        (left ? read : train).push(i);
      }
      const labels = new Set(train.map((i) => rows[i]!.positive));
      if (labels.size === 2) folds.push({ left: [...guilty, ...sources], train, read });
    }
  }
  return folds;
};
