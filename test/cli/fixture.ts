import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { Terminal } from '../../src/cli/terminal.ts';
import { CodedError } from '../../src/domain/errors.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { sha256 } from '../../src/domain/ids.ts';
import type { Decision, Verdict } from '../../src/domain/verdict.ts';
import type { Assessor, Submission } from '../../src/pipeline.ts';
import { sampleFinding, sampleVerdict } from '../http/fixture.ts';
import { trace } from '../support/traces.ts';

// What the commands see, held in hand: a terminal, a folder, and a pipeline that decides as the row itself says.

export interface HeldTerminal extends Terminal {
  readonly printed: () => string;
  readonly complained: () => string;
}

const held = (): { stream: Writable; text: () => string } => {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
};

export const holdTerminal = (): HeldTerminal => {
  const [out, err] = [held(), held()];
  return { out: out.stream, err: err.stream, interactive: false, printed: out.text, complained: err.text };
};

export const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A JSONL file of these rows, gzipped where its name says so; rows that are text are written as they are. */
export const writeRows = (rows: readonly unknown[], name = 'rows.jsonl', folder = makeFolder()): string => {
  const text = rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};

export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

export const finding = (changes: Partial<Finding> = {}): Finding => ({ ...sampleFinding, ...changes });

export const verdict = (changes: Partial<Verdict> = {}): Verdict => ({
  ...sampleVerdict,
  assessment: { state: 'assessed', reasons: [] },
  decision: 'clear',
  risk: 0,
  findings: [],
  ...changes,
});

/** Reads the decision, or the whole verdict, off the row's reasoning: `alert`, or JSON of changes to a verdict. */
export const obedientAssessor = (seen: Submission[] = []): Pick<Assessor, 'assess'> => ({
  assess: async (submission) => {
    seen.push(submission);
    const { reasoning } = submission.payload as { reasoning?: unknown };
    if (typeof reasoning !== 'string') throw new CodedError('empty_trace', 'Nothing to read');
    // Later rows finish first, so that whoever relies on the order has to see to it.
    await new Promise((resolve) => setTimeout(resolve, seen.length % 3 === 1 ? 4 : 0));
    const changes: Partial<Verdict> = reasoning.startsWith('{')
      ? JSON.parse(reasoning)
      : { decision: reasoning as Decision, findings: reasoning === 'clear' ? [] : [finding()] };
    const subject = { ...trace(['reasoning', reasoning]), contentHash: sha256(reasoning) };
    return { trace: subject, verdict: verdict(changes), receivedAt: new Date(0) };
  },
});

export const filesDeps = (terminal: Terminal, seen: Submission[] = []) => ({
  assessor: obedientAssessor(seen),
  terminal,
  maxLineBytes: 1_000_000,
});
