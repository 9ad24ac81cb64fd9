import { workerData } from 'node:worker_threads';
import type { Stance, View } from '../../domain/taxonomy.ts';
import { compile } from './engine/compile.ts';
import { createScanner } from './engine/scan.ts';
import type { RuleFiles } from './load.ts';

// Runs in a worker thread: compiles the rules once, then scans. Plain data in, plain data out.

export interface ScanText {
  readonly segment: number;
  readonly view: View;
  readonly text: string;
}

export interface ScanTask {
  readonly texts: readonly ScanText[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface ScanHit {
  readonly segment: number;
  readonly view: View;
  /** Index into the rules that the worker was given. */
  readonly rule: number;
  readonly stance: Stance;
  readonly start: number;
  readonly end: number;
  readonly matchStart: number;
  readonly matchEnd: number;
}

export interface ScanReply {
  readonly hits: readonly ScanHit[];
  readonly complete: boolean;
}

const files = (workerData as { readonly files: RuleFiles }).files;
const scanner = createScanner(compile(files.rules, files.lexicon));
const viewsOf = files.rules.map((rule) => new Set<View>(rule.views));

const scanTask = ({ texts, deadline }: ScanTask): ScanReply => {
  const hits: ScanHit[] = [];
  const mayGoOn = (): boolean => Date.now() < deadline;
  for (const { segment, view, text } of texts) {
    // A task that waited past its deadline in the queue is answered at once, as not assessed.
    if (!mayGoOn()) return { hits, complete: false };
    const result = scanner.scan(text, (rule) => viewsOf[rule]!.has(view), mayGoOn);
    for (const hit of result.hits) hits.push({ ...hit, segment, view });
    if (!result.complete) return { hits, complete: false };
  }
  return { hits, complete: true };
};

export default (tasks: readonly ScanTask[]): ScanReply[] => tasks.map(scanTask);
