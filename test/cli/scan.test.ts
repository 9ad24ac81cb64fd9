import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ScanOptions, scan } from '../../src/cli/scan.ts';
import type { Submission } from '../../src/pipeline.ts';
import { evalLog, HEADER, sampleOf, zipOf } from '../archive/archives.ts';
import { filesDeps, holdTerminal, lastLine, makeFolder, writeRows } from './fixture.ts';

const run = async (files: readonly string[], changes: Partial<ScanOptions> = {}) => {
  const terminal = holdTerminal();
  const seen: Submission[] = [];
  const options = { files, format: undefined, out: undefined, failOn: undefined, quiet: true, explain: 0, ...changes };
  const code = await scan(filesDeps(terminal, seen), options);
  return { code, seen, printed: terminal.printed(), complained: terminal.complained() };
};

const rows = (...decisions: string[]) => decisions.map((reasoning, i) => ({ id: `t${i}`, reasoning }));

describe('scan', () => {
  test('counts each decision, and its last line sums up', async () => {
    const { code, printed } = await run([writeRows(rows('clear', 'flag', 'alert', 'record', 'unknown'))]);
    expect(code).toBe(0);
    expect(printed).toMatch(/^all traces +1 +1 +1 +1 +1$/m);
    expect(lastLine(printed)).toBe('Assessed 5 of 5 traces: 2 flagged, 1 of them alerts; 0 unreadable.');
  });

  test('shows what drove the riskiest flagged verdicts, as many as asked for, and no others', async () => {
    const file = writeRows(rows('flag', 'clear', 'flag'));
    expect((await run([file], { explain: 1 })).printed.match(/: flag, risk/g)).toHaveLength(1);
    expect((await run([file], { explain: 5 })).printed.match(/: (flag|clear), risk/g)).toHaveLength(2);
    expect((await run([file])).printed).not.toContain('risk');
  });

  test('shows how each label fared, where rows have labels', async () => {
    const labelled = [{ reasoning: 'flag', label: 1 }, { reasoning: 'clear', label: 0 }, { reasoning: 'clear' }];
    const { printed } = await run([writeRows(labelled)]);
    expect(printed).toMatch(/^0 +1 +0 +0 +0 +0$/m);
    expect(printed).toMatch(/^1 +0 +0 +0 +1 +0$/m);
    expect((await run([writeRows(rows('clear'))])).printed).not.toContain('label');
  });

  test('names why traces were not wholly assessed', async () => {
    const reasoning = JSON.stringify({ assessment: { state: 'partial', reasons: ['timeout'] } });
    expect((await run([writeRows([{ reasoning }])])).printed).toMatch(/^timeout +1$/m);
  });

  test('writes verdicts in the order of the rows, however they finish', async () => {
    const out = join(makeFolder(), 'out.jsonl');
    const decisions = Array.from({ length: 80 }, (_, i) => (i % 3 === 0 ? 'flag' : 'clear'));
    await run([writeRows(rows(...decisions), 'rows.jsonl.gz')], { out });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { decision: string }).decision)).toEqual(decisions);
  });

  test.each([
    ['flag', 'flag', 1],
    ['alert', 'flag', 0],
    ['alert', 'alert', 1],
    ['flag', 'record', 0],
  ] as const)('--fail-on %s on a trace decided %s exits with %i', async (failOn, decision, code) => {
    expect((await run([writeRows(rows(decision))], { failOn })).code).toBe(code);
  });

  test('passes the format on, and the row as it is', async () => {
    const { seen } = await run([writeRows(['{"reasoning":"clear","__proto__":{"x":1}}'])], { format: 'short' });
    expect(seen[0]?.format).toBe('short');
    expect(Object.keys(seen[0]?.payload as object)).toContain('__proto__');
  });

  test('an empty file is no error', async () => {
    const { code, printed } = await run([writeRows([])]);
    expect([code, lastLine(printed)]).toEqual([
      0,
      'Assessed 0 of 0 traces: 0 flagged, 0 of them alerts; 0 unreadable.',
    ]);
  });
});

describe('rows that cannot be read', () => {
  const bad = [
    '{"reasoning": ',
    '[1]',
    '{"no":"text"}',
    `{"a":${'['.repeat(100)}${']'.repeat(100)}}`,
    '{"reasoning":"clear"}',
  ];

  test('are named by place and code, and the rest goes on; exit code 2', async () => {
    const file = writeRows(bad);
    const { code, printed, complained } = await run([file]);
    expect(code).toBe(2);
    expect(complained.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/:1: malformed_json:/),
      expect.stringMatching(/:2: empty_trace:/),
      expect.stringMatching(/:3: empty_trace:/),
      expect.stringMatching(/:4: too_deep:/),
    ]);
    expect(lastLine(printed)).toContain('Assessed 1 of 5 traces');
  });

  test('are named ten times at most', async () => {
    const { complained, printed } = await run([writeRows(Array(25).fill('{'))]);
    expect(complained.trimEnd().split('\n')).toHaveLength(10);
    expect(lastLine(printed)).toContain('25 unreadable');
  });

  test('are never repeated on the terminal', async () => {
    const { complained } = await run([writeRows(['{"secret": "swordfish', '"swordfish"'])]);
    expect(complained).not.toContain('swordfish');
  });

  test('for being too long are let go, and the next is read', async () => {
    const { code, complained, printed } = await run([writeRows(['x'.repeat(1_000_001), '{"reasoning":"clear"}'])]);
    expect(code).toBe(2);
    expect(complained).toContain(':1: body_too_large:');
    expect(lastLine(printed)).toContain('Assessed 1 of 2 traces');
  });
});

describe('files that cannot be read or written', () => {
  test('stop the run before anything is written', async () => {
    const folder = makeFolder();
    const out = join(folder, 'out');
    await expect(run([folder], { out })).rejects.toMatchObject({ code: 'unreadable_input' });
    await expect(run([join(folder, 'gone')], { out })).rejects.toMatchObject({ code: 'unreadable_input' });
    expect(existsSync(out)).toBe(false);
    const unwritable = join(folder, 'no', 'out');
    await expect(run([writeRows(rows('clear'))], { out: unwritable })).rejects.toMatchObject({
      message: expect.stringContaining('cannot be written'),
    });
  });

  test('a cut file fails the run, after the verdicts of the rows before the cut are written', async () => {
    const file = writeRows(
      Array.from({ length: 3000 }, (_, i) => ({ reasoning: 'clear', noise: Math.sin(i) })),
      'a.jsonl.gz',
    );
    truncateSync(file, Math.floor((await stat(file)).size / 2));
    const out = join(makeFolder(), 'out');
    await expect(run([file], { out })).rejects.toMatchObject({ code: 'unreadable_input' });
    expect(readFileSync(out, 'utf8').split('\n').length).toBeGreaterThan(100);
  });

  test('an error that is nobody’s input is not swallowed', async () => {
    const broken = { ...filesDeps(holdTerminal()), assessor: { assess: () => Promise.reject(new TypeError('bug')) } };
    const options = { files: [writeRows(rows('clear'))], format: undefined, out: undefined, failOn: undefined };
    await expect(scan(broken, { ...options, quiet: true, explain: 0 })).rejects.toThrow(TypeError);
  });
});

describe('scan of Inspect logs', () => {
  const samples = [sampleOf('a', 'First.'), sampleOf('b', 'Second.')];
  const scanned = async (path: string) => {
    const terminal = holdTerminal();
    const seen: unknown[] = [];
    const { assessor } = filesDeps(terminal);
    const deps = {
      ...filesDeps(terminal),
      assessor: {
        assess: ({ payload, ...rest }: Submission) => {
          seen.push(payload);
          return assessor.assess({ ...rest, payload: { reasoning: 'clear' } });
        },
      },
    };
    const code = await scan(deps, {
      files: [path],
      format: undefined,
      out: undefined,
      failOn: undefined,
      explain: 0,
      quiet: true,
    });
    return { code, seen, complained: terminal.complained(), last: lastLine(terminal.printed()) };
  };
  const logs = samples.map((sample) => ({ eval: HEADER.eval, samples: [sample] }));

  test('reads every sample of an .eval, and of the same log as indented JSON', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.eval'), await evalLog(samples));
    writeFileSync(join(folder, 'log.json'), JSON.stringify({ ...HEADER, samples }, null, 2));
    for (const name of ['log.eval', 'log.json']) {
      const { code, seen, last } = await scanned(join(folder, name));
      expect([code, seen]).toEqual([0, logs]);
      expect(last).toMatch(/^Assessed 2 of 2 traces/);
    }
  });

  test('reads one document over many lines, and lines in a file that is called .json', async () => {
    const document = writeRows([JSON.stringify({ reasoning: 'x' }, null, 2)], 'one.json');
    expect((await scanned(document)).seen).toEqual([{ reasoning: 'x' }]);
    expect((await scanned(writeRows([{ reasoning: 'x' }, { reasoning: 'y' }], 'rows.json'))).seen).toHaveLength(2);
  });

  test('names a broken sample and reads the others; a broken archive ends the run', async () => {
    const folder = makeFolder();
    const members = { 'header.json': '{}', 'samples/a.json': '{', 'samples/b.json': JSON.stringify(samples[1]) };
    writeFileSync(join(folder, 'log.eval'), await zipOf(members));
    const { code, seen, complained } = await scanned(join(folder, 'log.eval'));
    expect([code, seen.length]).toEqual([2, 1]);
    expect(complained).toMatch(/log\.eval:1: malformed_json: /);
    writeFileSync(join(folder, 'cut.eval'), (await zipOf(members)).subarray(0, 40));
    await expect(scanned(join(folder, 'cut.eval'))).rejects.toMatchObject({ code: 'unreadable_input' });
  });
});
