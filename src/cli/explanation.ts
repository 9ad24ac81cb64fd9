import type { Contribution } from '../domain/explanation.ts';
import type { Evidence } from '../domain/finding.ts';
import type { Reading, Verdict, ViewCoverage } from '../domain/verdict.ts';
import { printable } from './terminal.ts';

// A verdict for people: what moved the risk, by how much, on which words, and what nobody read.

/** Longest quotation on a line; the offsets say how long it was. */
const MAX_QUOTE = 200;

const share = (risk: number): string => (risk === 0 ? '0' : risk < 0.0001 ? '<0.0001' : risk.toPrecision(2));

/** What the odds are multiplied with, as people say it. */
const factor = (logOdds: number): string => {
  const times = Math.exp(Math.abs(logOdds));
  const shown = times >= 100 ? Math.round(times).toString() : times.toPrecision(2);
  return logOdds >= 0 ? `×${shown}` : `÷${shown}`;
};

const quoteOf = ({ segment, start, end, quote }: Evidence): string => {
  const cut = quote.length > MAX_QUOTE ? `${quote.slice(0, MAX_QUOTE)}…` : quote;
  return `      [${segment}] ${start}–${end}: ${printable(cut)}`;
};

const contributionLines = (part: Contribution, { findings }: Verdict): string[] => {
  const finding = findings.find(({ id }) => id === part.finding);
  const where = part.view === null ? 'the whole' : part.view;
  const what = finding === undefined ? '' : `, ${finding.category}, ${finding.stance}`;
  const name = part.rule === null ? part.detector : `${part.detector} ${part.rule}`;
  const evidence = finding?.evidence ?? part.evidence;
  return [`  ${factor(part.logOdds).padStart(6)}  ${printable(name)} (${where}${what})`, ...evidence.map(quoteOf)];
};

const gapOf = ({ view, characters }: ViewCoverage, reading: Reading): string[] => {
  if (reading.left === undefined) return [];
  const windows = reading.windows === undefined ? '' : `, ${reading.windows.read} of ${reading.windows.all} windows`;
  const read = reading.characters === null ? 'an unknown part' : `${reading.characters} of ${characters} characters`;
  return [`  ${reading.detector} read ${read} of ${view}${windows} (${reading.left})`];
};

/** Findings beside what moved the risk: observations, and rules that spoke more than once. */
const others = ({ findings, drivers }: Verdict): string[] => {
  const told = new Set(drivers?.contributions.map(({ finding }) => finding));
  const rest = findings.filter(({ id }) => !told.has(id));
  return rest.flatMap(({ detector, category, stance, view, evidence }) => [
    `       –  ${printable(`${detector.name} ${detector.rule ?? ''}`.trim())} (${view}, ${category}, ${stance})`,
    ...evidence.map(quoteOf),
  ]);
};

/** Lines without an end. */
export const explanationOf = (verdict: Verdict): string => {
  const { traceId, decision, risk, drivers, coverage = [] } = verdict;
  const from = drivers === undefined || drivers.baseRisk === 0 ? '' : `, ${share(drivers.baseRisk)} before evidence`;
  return [
    `${printable(traceId)}: ${decision}, risk ${share(risk)}${from}`,
    ...(drivers?.contributions.flatMap((part) => contributionLines(part, verdict)) ?? []),
    ...others(verdict),
    ...coverage.flatMap((view) => [
      ...(view.unreadable > 0
        ? [`  ${view.unreadable} of ${view.segments} segments of ${view.view} hold no text`]
        : []),
      ...view.readings.flatMap((reading) => gapOf(view, reading)),
    ]),
  ].join('\n');
};

/** The riskiest of many, in order: no more than `most` are held. */
export const keepRiskiest = (kept: Verdict[], verdict: Verdict, most: number): void => {
  kept.push(verdict);
  kept.sort((a, b) => b.risk - a.risk);
  if (kept.length > most) kept.pop();
};
