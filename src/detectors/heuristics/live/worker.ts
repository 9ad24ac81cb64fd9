import { parentPort, workerData } from 'node:worker_threads';
import type { View } from '../../../domain/taxonomy.ts';
import { compile } from '../engine/compile.ts';
import { createScanner } from '../engine/scan.ts';
import type { RuleFiles } from '../load.ts';
import { createLiveScan, type LiveHit, type LiveScan } from './scan.ts';

// A long-lived thread that keeps the state of many streams. It answers every message, so that whoever feeds it knows how
// far it has come.

export interface LiveText {
  /** Names the text within its stream. */
  readonly key: string;
  readonly view: View;
  readonly text: string;
}

/** `texts` null: the stream is over, and everything about it is forgotten. */
export interface LiveTask {
  readonly stream: number;
  readonly texts: readonly LiveText[] | null;
}

export interface StreamHit extends LiveHit {
  readonly key: string;
  readonly view: View;
}

export interface LiveReply {
  readonly stream: number;
  /** All hits of the stream so far; null where none changed. */
  readonly hits: readonly StreamHit[] | null;
}

interface OpenText {
  readonly view: View;
  readonly scan: LiveScan;
}

const port = parentPort;
if (port === null) throw new TypeError('this module runs in a worker thread');
const { files } = workerData as { readonly files: RuleFiles };
const scanner = createScanner(compile(files.rules, files.lexicon));
const viewsOf = files.rules.map((rule) => new Set<View>(rule.views));
const streams = new Map<number, Map<string, OpenText>>();

const textOf = (texts: Map<string, OpenText>, { key, view }: LiveText): OpenText => {
  const known = texts.get(key);
  if (known !== undefined) return known;
  const fresh = { view, scan: createLiveScan(scanner, (rule) => viewsOf[rule]!.has(view)) };
  texts.set(key, fresh);
  return fresh;
};

port.on('message', ({ stream, texts }: LiveTask) => {
  if (texts === null) {
    streams.delete(stream);
    return;
  }
  const open = streams.get(stream) ?? new Map<string, OpenText>();
  streams.set(stream, open);
  let changed = false;
  for (const text of texts) changed = textOf(open, text).scan.feed(text.text) || changed;
  const hits = changed
    ? [...open].flatMap(([key, { view, scan }]) => scan.hits().map((hit): StreamHit => ({ ...hit, key, view })))
    : null;
  port.postMessage({ stream, hits } satisfies LiveReply);
});
