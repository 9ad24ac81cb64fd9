import { telltales, wordAccuracy } from './leakage.ts';
import { alike, type Document } from './near-duplicates.ts';
import type { Corpus, Trace } from './read.ts';

// What a corpus must keep so that nothing but meaning tells a label. Each check answers with one line a fault.

export const LIMITS = {
  /** Positives and negatives of a family may differ by this many. */
  imbalance: 1,
  /** A family needs this many of each, so that leaving it out measures something. */
  familySide: 8,
  /** Mean length of a family's positives over that of its negatives, or the other way round. */
  familyLength: 1.25,
  /** The same over all families, and over all pairs. */
  length: 1.05,
  /** How alike rows may be that are no twins, and twins. */
  alike: 0.3,
  alikeTwins: 0.7,
  /** What words alone may guess, families held out. */
  wordAccuracy: 0.7,
  /** A word in this many rows must not stand with one label only. */
  telltaleRows: 25,
  telltalePurity: 0.9,
} as const;

type Check = (corpus: Corpus) => string[];

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const ratio = (a: number, b: number): number => Math.max(a / b, b / a);
const twins = (traces: readonly Trace[]): [Trace[], Trace[]] => [
  traces.filter((t) => t.label === 1),
  traces.filter((t) => t.label === 0),
];

const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
];

const ids: Check = ({ traces, pairs, ordinary, judgements }) => [
  ...repeated([...traces, ...pairs, ...ordinary].map((row) => row.id)).map((id) => `id ${id} stands twice`),
  ...repeated(judgements.map((j) => `${j.file}/${j.id}`)).map((id) => `judgements of ${id} stand twice`),
  ...traces.filter((t) => t.family !== t.file).map((t) => `${t.id} is of another family than its file`),
  ...pairs.filter((p) => p.category !== p.file).map((p) => `${p.id} is of another category than its file`),
];

const evidence: Check = ({ traces }) =>
  traces.flatMap((t) => [
    ...(t.label === 1 && t.evidence.length === 0 ? [`${t.id} is positive and has no evidence`] : []),
    ...(t.evidence.every((e) => t.reasoning.includes(e) || t.output.includes(e))
      ? []
      : [`${t.id} has evidence that does not stand in it`]),
  ]);

const balance: Check = ({ traces }) =>
  [...Map.groupBy(traces, (t) => t.family)].flatMap(([family, own]) => {
    const [yes, no] = twins(own).map((side) => side.length) as [number, number];
    const faults: string[] = [];
    if (Math.abs(yes - no) > LIMITS.imbalance) faults.push(`${family} has ${yes} positives and ${no} negatives`);
    if (Math.min(yes, no) < LIMITS.familySide) faults.push(`${family} has fewer than ${LIMITS.familySide} of a label`);
    return faults;
  });

const parity = (name: string, yes: readonly string[], no: readonly string[], limit: number): string[] => {
  if (yes.length === 0 || no.length === 0) return [];
  const found = ratio(mean(yes.map((t) => t.length)), mean(no.map((t) => t.length)));
  return found <= limit ? [] : [`${name}: one label is ${found.toFixed(2)} times as long as the other`];
};

const lengths: Check = ({ traces, pairs }) => {
  const reasoning = (side: readonly Trace[]): string[] => side.map((t) => t.reasoning);
  const [yes, no] = twins(traces);
  return [
    ...[...Map.groupBy(traces, (t) => t.family)].flatMap(([family, own]) => {
      const [positives, negatives] = twins(own);
      return parity(family, reasoning(positives), reasoning(negatives), LIMITS.familyLength);
    }),
    ...parity('all traces', reasoning(yes), reasoning(no), LIMITS.length),
    ...parity(
      'all pairs',
      pairs.map((p) => p.positive.text),
      pairs.map((p) => p.negative.text),
      LIMITS.length,
    ),
  ];
};

const documentsOf = ({ traces, pairs, ordinary }: Corpus): Document[] => [
  ...traces.map(({ id, family, label, reasoning }) => ({ id, group: family, label, text: reasoning })),
  ...pairs.flatMap(({ id, positive, negative }): Document[] => [
    { id, group: id, label: 1, text: positive.text },
    { id, group: id, label: 0, text: negative.text },
  ]),
  ...ordinary.map(({ id, text }): Document => ({ id, group: id, label: 0, text })),
];

const duplicates: Check = (corpus) =>
  alike(documentsOf(corpus), LIMITS.alike)
    .filter(({ first, second, share }) => {
      const mirrored = first.group === second.group && first.label !== second.label;
      return share >= (mirrored ? LIMITS.alikeTwins : LIMITS.alike);
    })
    .map(
      ({ first, second, share }) => `${first.id} and ${second.id} share ${(100 * share).toFixed(0)}% of their words`,
    );

const leakage: Check = ({ traces }) => {
  const rows = traces.map(({ family, label, reasoning: text }) => ({ family, label, text }));
  const guessed = wordAccuracy(rows);
  return [
    ...(guessed <= LIMITS.wordAccuracy
      ? []
      : [`words alone guess ${(100 * guessed).toFixed(1)}% of the labels, families held out`]),
    ...telltales(rows, LIMITS.telltaleRows, LIMITS.telltalePurity).map(
      (word) => `the word "${word}" stands nearly always with one label`,
    ),
  ];
};

const spans: Check = ({ judgements }) =>
  judgements
    .filter(({ windows }) => windows.some(([start, end], i) => end <= start || start < (windows[i - 1]?.[1] ?? 0)))
    .map(({ file, id }) => `windows of ${file}/${id} are empty, overlap or are out of order`);

export const CHECKS = { ids, evidence, balance, lengths, duplicates, leakage, spans };

/** Every fault of the corpus, unreadable lines first; empty where it is sound. */
export const faultsOf = (corpus: Corpus): string[] => [
  ...corpus.faults,
  ...Object.values(CHECKS).flatMap((check) => check(corpus)),
];
