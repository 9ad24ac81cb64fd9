import type { Place } from '../../domain/outcome.ts';
import type { View } from '../../domain/taxonomy.ts';
import type { CoverageReason } from '../../domain/verdict.ts';
import { type Choice, chooseWindows } from './choice.ts';
import type { Encoder } from './encoder.ts';
import { createHead, type Head, type HeadFile } from './head.ts';
import type { EncoderScores, ScoredWindow, ViewScore, WindowCoverage } from './result.ts';
import { countLetters } from './script.ts';
import { eachWindow } from './windows.ts';
import { tokenize, type Vocabulary } from './wordpiece.ts';

// Scores a trace: windows, choice, encoder, head. Reads in order of importance and stops at the deadline; what was not
// read is in the coverage.

export interface ScoreText {
  readonly segment: number;
  readonly view: View;
  readonly text: string;
}

export interface ScoreTask {
  /** By rising segment. */
  readonly texts: readonly ScoreText[];
  /** Places a cheaper tier pointed at, the most interesting first. */
  readonly priority: readonly Place[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Settles which windows of a long text are sampled: the trace's content hash. */
  readonly seed: string;
  /** Whether to hand back the windows' vectors too: for those who train heads. */
  readonly vectors?: boolean;
}

export interface ScorerDeps {
  readonly encoder: Encoder;
  readonly vocabulary: Vocabulary;
  readonly head: HeadFile;
  /** Most windows to read of one view. */
  readonly maxWindows: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type ScoreTrace = (task: ScoreTask) => Promise<EncoderScores>;

const MAX_DRIVERS = 3;

/** The windows of a view, flat: a hostile trace can have a million, and as many objects would not be bounded memory. */
interface Windows {
  readonly texts: ScoreText[];
  /** Index into `texts`, start, end; one after another. */
  readonly flat: number[];
}

const spanOf = ({ texts, flat }: Windows, window: number): Place => ({
  segment: texts[flat[3 * window]!]!.segment,
  start: flat[3 * window + 1]!,
  end: flat[3 * window + 2]!,
});

/** The first window that ends behind the beginning of a place. */
const firstAt = (windows: Windows, { segment, start }: Place): number => {
  let low = 0;
  let high = windows.flat.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    const span = spanOf(windows, middle);
    if (span.segment < segment || (span.segment === segment && span.end <= start)) low = middle + 1;
    else high = middle;
  }
  return low;
};

const windowsAt = (windows: Windows, places: readonly Place[], most: number): number[] => {
  const found = new Set<number>();
  const count = windows.flat.length / 3;
  for (const place of places) {
    for (let window = firstAt(windows, place); window < count && found.size < most; window++) {
      const span = spanOf(windows, window);
      if (span.segment !== place.segment || span.start >= place.end) break;
      found.add(window);
    }
  }
  return [...found];
};

interface Reading {
  readonly view: View;
  readonly head: Head;
  readonly windows: Windows;
  readonly choices: readonly Choice[];
  readonly scored: { readonly choice: Choice; readonly score: number; readonly vector: Float32Array | undefined }[];
  cut: number;
}

const coverageOf = ({ windows, choices, scored, cut }: Reading): WindowCoverage => ({
  windows: windows.flat.length / 3,
  chosen: choices.length,
  scored: scored.length,
  cut,
});

const joined = (vectors: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const vector of vectors) {
    all.set(vector, at);
    at += vector.length;
  }
  return all;
};

const viewScoreOf = (reading: Reading): ViewScore => {
  const scored = reading.scored.toSorted((a, b) => a.choice.window - b.choice.window);
  const windows = scored.map(({ choice, score }) => ({ ...spanOf(reading.windows, choice.window), score }));
  const weights = scored.map((s) => s.choice.weight);
  const pooled = reading.head.pool(
    scored.map((s) => s.score),
    weights,
  );
  const vectors = scored.flatMap(({ vector }) => vector ?? []);
  return {
    windows,
    drivers: driversOf(windows, pooled),
    pooled,
    probability: reading.head.calibrate(pooled),
    coverage: coverageOf(reading),
    ...(vectors.length === 0 ? {} : { bag: { vectors: joined(vectors), weights } }),
  };
};

/** The highest window, and beside it those that lift the pooled score too. */
const driversOf = (windows: readonly ScoredWindow[], pooled: number): ScoredWindow[] =>
  windows
    .toSorted((a, b) => b.score - a.score)
    .filter(({ score }, rank) => rank === 0 || score >= pooled)
    .slice(0, MAX_DRIVERS);

const sum = (readings: readonly Reading[]): WindowCoverage => {
  const total = { windows: 0, chosen: 0, scored: 0, cut: 0 };
  for (const coverage of readings.map(coverageOf)) {
    total.windows += coverage.windows;
    total.chosen += coverage.chosen;
    total.scored += coverage.scored;
    total.cut += coverage.cut;
  }
  return total;
};

/** The choices of all views in the order in which to read them: the views take turns. */
const turnsOf = (readings: readonly Reading[]): (readonly [Reading, Choice])[] => {
  const turns: (readonly [Reading, Choice])[] = [];
  const longest = Math.max(0, ...readings.map(({ choices }) => choices.length));
  for (let rank = 0; rank < longest; rank++) {
    for (const reading of readings) {
      const choice = reading.choices[rank];
      if (choice !== undefined) turns.push([reading, choice]);
    }
  }
  return turns;
};

export const createTraceScorer = ({ encoder, vocabulary, head: file, maxWindows, now }: ScorerDeps): ScoreTrace => {
  const heads = new Map<View, Head>();
  for (const source of file.heads) {
    const head = createHead(source);
    for (const view of source.views) heads.set(view, head);
  }

  const prepare = (
    view: View,
    texts: ScoreText[],
    { priority, deadline, seed }: ScoreTask,
  ): Reading | CoverageReason => {
    const windows: Windows = { texts, flat: [] };
    let latin = 0;
    let other = 0;
    for (const [i, { text }] of texts.entries()) {
      if (now() >= deadline) return 'timeout';
      const letters = countLetters(text);
      latin += letters.latin;
      other += letters.other;
      eachWindow(text, (start, end) => windows.flat.push(i, start, end));
    }
    if (other > latin) return 'unsupported_language';
    const pointed = windowsAt(windows, priority, maxWindows);
    const choices = chooseWindows(windows.flat.length / 3, pointed, maxWindows, `${seed}:${view}`);
    return { view, head: heads.get(view)!, windows, choices, scored: [], cut: 0 };
  };

  const read = async (reading: Reading, choice: Choice, keep: boolean): Promise<void> => {
    const text = reading.windows.texts[reading.windows.flat[3 * choice.window]!]!.text;
    const { start, end } = spanOf(reading.windows, choice.window);
    const { ids, cut } = tokenize(text.slice(start, end), vocabulary, file.encoder.maxTokens);
    const vector = await encoder.encode(ids);
    reading.scored.push({ choice, score: reading.head.score(vector), vector: keep ? vector : undefined });
    if (cut) reading.cut++;
  };

  return async (task) => {
    const readings: Reading[] = [];
    const unjudged: Partial<Record<View, CoverageReason>> = {};
    const texts = Map.groupBy(
      task.texts.filter(({ view }) => heads.has(view)),
      ({ view }) => view,
    );
    for (const [view, ofView] of texts) {
      const prepared = prepare(view, ofView, task);
      if (typeof prepared === 'string') unjudged[view] = prepared;
      else if (prepared.choices.length > 0) readings.push(prepared);
    }
    for (const [reading, choice] of turnsOf(readings)) {
      if (now() >= task.deadline) break;
      await read(reading, choice, task.vectors === true);
    }
    const views: Partial<Record<View, ViewScore>> = {};
    for (const reading of readings) {
      if (reading.scored.length === 0) unjudged[reading.view] = 'timeout';
      else views[reading.view] = viewScoreOf(reading);
    }
    const coverage = sum(readings);
    const timedOut = coverage.scored < coverage.chosen || Object.values(unjudged).includes('timeout');
    return { views, unjudged, coverage, timedOut };
  };
};
