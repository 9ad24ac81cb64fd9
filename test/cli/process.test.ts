import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../contract/documents.ts';
import { lastLine, makeFolder, writeRows } from './fixture.ts';

// The program as people run it, in a process of its own: exit codes, and what stands on which stream.

const run = (...args: string[]): Promise<Ended> => runIn(makeFolder(), ...args);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const runIn = (cwd: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', WORKER_THREADS: '1' };
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...args], { env, cwd });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
  });

const plain = { prompt: 'Add two and two.', reasoning: 'Two and two make four.', output: '4' };
const STACK = /^ +at /m;

describe('scan', () => {
  test('ends with a plain line and 0', async () => {
    const { code, out, err } = await run('scan', writeRows([plain, plain], 'rows.jsonl.gz'));
    expect([code, err]).toEqual([0, '']);
    expect(lastLine(out)).toMatch(/^Assessed 2 of 2 traces: /);
  });

  test.each([
    ['a file that is not there', () => join(makeFolder(), 'gone.jsonl')],
    ['a folder', makeFolder],
    ['gzip that is none', () => writeRows(['plain text'], 'a.jsonl', makeFolder())],
    ['gzip that is cut', () => writeRows(Array(50).fill(plain), 'cut.jsonl.gz')],
  ])('%s: a coded error, 2, no stack', async (what, make) => {
    let path = make();
    if (what === 'gzip that is cut') truncateSync(path, 60);
    if (what === 'gzip that is none') {
      const renamed = `${path}.gz`;
      writeFileSync(renamed, readFileSync(path));
      path = renamed;
    }
    const { code, err } = await run('scan', path);
    expect(code).toBe(2);
    expect(err).toMatch(/^cot-monitor: unreadable_input: /m);
    expect(err).not.toMatch(STACK);
  });

  test('an output that cannot be written: a coded error, 2, no stack', async () => {
    const { code, err } = await run('scan', writeRows([plain]), '--out', join(makeFolder(), 'no', 'out'));
    expect(code).toBe(2);
    expect(err).toMatch(/^cot-monitor: unwritable_output: .* cannot be written \(ENOENT\)$/m);
    expect(err).not.toMatch(STACK);
  });

  test('an empty file: nothing assessed, 0', async () => {
    const { code, out } = await run('scan', writeRows([]));
    expect(code).toBe(0);
    expect(lastLine(out)).toBe('Assessed 0 of 0 traces: 0 flagged, 0 of them alerts; 0 unreadable.');
  });

  test('a line of 50 MB: let go with a code, the next is assessed, 2', async () => {
    const huge = `{"reasoning":"${'so on and '.repeat(5_000_000)}"}`;
    const { code, out, err } = await run('scan', writeRows([huge, plain]));
    expect(code).toBe(2);
    expect(err).toMatch(/:1: body_too_large: /);
    expect(err.length).toBeLessThan(1000);
    expect(lastLine(out)).toMatch(/^Assessed 1 of 2 traces: .* 1 unreadable\.$/);
  });
});

test('eval writes its reports and ends with a plain line and 0', async () => {
  const folder = makeFolder();
  const [json, html] = [join(folder, 'r.json'), join(folder, 'r.html')];
  const rows = [
    { ...plain, label: 1, source: 'a' },
    { ...plain, label: 0, source: 'b' },
  ];
  const { code, out, err } = await run('eval', writeRows(rows), '--out', json, '--html', html);
  expect([code, err]).toEqual([0, '']);
  expect(lastLine(out)).toMatch(/^Evaluated 2 of 2 traces /);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ schema: 'cot-monitor.evaluation.v1' });
  expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/);
});

test('calibrate prints a fragment where it is not told where to write it', async () => {
  const { code, out } = await run('calibrate', writeRows([{ ...plain, label: 0 }]));
  expect(code).toBe(0);
  expect(out).toContain('\nthresholds:\n');
  expect(lastLine(out)).toMatch(/^Calibrated 1 of 1 thresholds on 1 negatives /);
});

test('a command line that makes no sense: what is wrong, how it goes, 2', async () => {
  const { code, out, err } = await run('eval', 'x', '--seed', 'soon');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^cot-monitor: --seed takes/);
  expect(err).toContain('cot-monitor eval FILE');
});

test('nothing is left behind in the folder that a command runs in', async () => {
  const folder = makeFolder();
  await runIn(folder, 'scan', writeRows([plain]));
  expect(readdirSync(folder)).toEqual([]);
});
