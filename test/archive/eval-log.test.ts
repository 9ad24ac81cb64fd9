import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readEvalLog, readPostedEvalLog } from '../../src/archive/eval-log.ts';
import { openArchive } from '../../src/archive/zip.ts';
import { CodedError } from '../../src/domain/errors.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { evalLog, HEADER, replaced, sampleOf, zipOf } from './archives.ts';

const LIMIT = 1_000_000;
const CANARY = 'canary-31d0';

const logsIn = async (source: string | Buffer, limit = LIMIT): Promise<unknown[]> => {
  const logs: unknown[] = [];
  for await (const { log } of readEvalLog(source, limit)) {
    logs.push(log instanceof CodedError ? log.code : JSON.parse(log.toString()));
  }
  return logs;
};

const refusal = async (source: string | Buffer, limit = LIMIT): Promise<string> => {
  try {
    await logsIn(source, limit);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    expect(error.message).not.toContain(CANARY);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('was not refused');
};

describe('an .eval log', () => {
  test('gives every sample as a log of its own, in order', async () => {
    const samples = [sampleOf('a', 'First.'), sampleOf('b', 'Second. é \ud83d\ude00')];
    expect(await logsIn(await evalLog(samples))).toEqual(
      samples.map((sample) => ({ eval: HEADER.eval, samples: [sample] })),
    );
  });

  test('is read from a file as from memory', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-eval-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const archive = await evalLog([sampleOf('a', 'First.')]);
    writeFileSync(join(folder, 'log.eval'), archive);
    expect(await logsIn(join(folder, 'log.eval'))).toEqual(await logsIn(archive));
    expect(await refusal(join(folder, 'missing.eval'))).toMatch(/^unreadable_input: .*ENOENT/);
  });

  test('is the same trace as the log that Inspect writes as JSON', async () => {
    const sample = sampleOf('a', 'First.');
    const payload = await readPostedEvalLog(await evalLog([sample]), LIMIT);
    const now = new Date(0);
    const trace = normalise({ payload, tenant: 'default' }, now);
    expect(trace).toEqual(normalise({ payload: { ...HEADER, samples: [sample] }, tenant: 'default' }, now));
    expect(trace).toMatchObject({ format: 'inspect', model: { provider: 'perch', name: 'lark-2' } });
  });

  test('that was not finished has its header in the journal', async () => {
    const archive = await zipOf({
      '_journal/start.json': JSON.stringify(HEADER),
      'samples/a_epoch_1.json': JSON.stringify(sampleOf('a', 'First.')),
      '_journal/summaries/1.json': '[]',
    });
    expect(await logsIn(archive)).toHaveLength(1);
  });

  test('may hold members that are not compressed', async () => {
    const sample = JSON.stringify(sampleOf('a', 'First.'));
    expect(await logsIn(await zipOf({ 'header.json': '{}', 'samples/a.json': sample }, false))).toHaveLength(1);
  });

  test('may be compressed with Zstandard', async () => {
    const sample = Buffer.from(JSON.stringify(sampleOf('a', 'First.')));
    const packed = zstdCompressSync(sample);
    // Stored bytes that are a Zstandard frame, with the method, sizes and checksum mended in both headers.
    const archive = await zipOf({ 'samples/a.json': packed }, false);
    const patched = Buffer.from(archive);
    const central = patched.indexOf(Buffer.from('PK\u0001\u0002'));
    for (const [at, base] of [
      [0, 8],
      [central, 10],
    ] as const) {
      patched.writeUInt16LE(93, at + base);
      patched.writeUInt32LE(crc32(sample), at + base + 6);
      patched.writeUInt32LE(sample.length, at + base + 14);
    }
    const opened = await openArchive(patched);
    expect((await opened.read(opened.members[0]!, LIMIT)).equals(sample)).toBe(true);
    opened.close();
  });
});

describe('a hostile archive', () => {
  test.each<[string, Promise<Buffer>, RegExp]>([
    ['no zip at all', Promise.resolve(Buffer.from(CANARY)), /^malformed_archive: This is not a zip/],
    ['an empty body', Promise.resolve(Buffer.alloc(0)), /^malformed_archive/],
    ['a zip without header', zipOf({ 'samples/a.json': '{}' }), /no header\.json/],
    ['a header that is no JSON', zipOf({ 'header.json': CANARY }), /^malformed_json/],
    [
      'a zip that was cut',
      evalLog([sampleOf('a', 'x')]).then((bytes) => bytes.subarray(0, bytes.length - 30)),
      /^malformed_archive/,
    ],
    [
      'a member that climbs out',
      evalLog([], { 'samples/aa/evil.json': '{}' }).then((bytes) => replaced(bytes, 'samples/aa/', '../../../aa/')),
      /outside of it/,
    ],
    [
      'an absolute member',
      evalLog([], { 'samples/evil.json': '{}' }).then((bytes) => replaced(bytes, 'samples/evil', '/etc/ab/evil')),
      /outside of it/,
    ],
  ])('of %s is refused with the reason', async (_, archive, reason) => {
    expect(await refusal(await archive)).toMatch(reason);
  });

  test('whose header is a bomb is refused while it unpacks', async () => {
    const header = Buffer.alloc(64 * 1024 * 1024, 0x20);
    const archive = await zipOf({ 'header.json': header });
    expect(archive.length).toBeLessThan(100_000);
    expect(await refusal(archive)).toMatch(/^body_too_large/);
  });

  test('whose header lies about its size is refused while it unpacks', async () => {
    const archive = await zipOf({ 'header.json': Buffer.alloc(4 * LIMIT, 0x20) });
    const central = archive.lastIndexOf(Buffer.from('PK\u0001\u0002'));
    archive.writeUInt32LE(10, central + 24);
    expect(await refusal(archive)).toMatch(/^body_too_large/);
    expect(await refusal(archive, 8 * LIMIT)).toMatch(/does not match its checksum/);
  });

  test('whose members share their bytes is refused: many names for one bomb', async () => {
    const archive = await evalLog([sampleOf('a', 'x'), sampleOf('b', 'y')]);
    const first = archive.indexOf(Buffer.from('PK\u0001\u0002'));
    const second = archive.indexOf(Buffer.from('PK\u0001\u0002'), first + 4);
    archive.writeUInt32LE(archive.readUInt32LE(first + 42), second + 42);
    expect(await refusal(archive)).toMatch(/overlap/);
  });

  test('with a broken sample gives the others, and tells the broken ones in their places', async () => {
    const good = [sampleOf('a', 'First.'), sampleOf('c', 'Third.')];
    const archive = await zipOf(
      {
        'header.json': '{}',
        'samples/a.json': JSON.stringify(good[0]),
        'samples/b.json': `{"text":"${CANARY}"}`,
        'samples/big.json': ' '.repeat(2 * LIMIT),
        'samples/c.json': JSON.stringify(good[1]),
      },
      false,
    );
    expect(await logsIn(replaced(archive, CANARY, 'canary-XXXX'))).toEqual([
      { eval: {}, samples: [good[0]] },
      'malformed_archive',
      'body_too_large',
      { eval: {}, samples: [good[1]] },
    ]);
  });

  test('with any byte changed is read or refused with a code, never a crash', async () => {
    const archive = await evalLog([sampleOf('a', 'First.')]);
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(255), async (at, byte) => {
        const broken = Buffer.from(archive);
        broken[at] = byte;
        try {
          await readPostedEvalLog(broken, LIMIT);
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });
});

test('what is posted holds one sample', async () => {
  const post = async (archive: Promise<Buffer>) => readPostedEvalLog(await archive, LIMIT).catch((error) => error.code);
  expect(await post(evalLog([]))).toBe('empty_trace');
  expect(await post(evalLog([sampleOf('a', 'x'), sampleOf('b', 'y')]))).toBe('invalid_body');
  expect(await post(evalLog([], { 'samples/a.json': '{"a":' }))).toBe('malformed_json');
  expect(await post(evalLog([], { 'samples/a.json': Buffer.from([0xff]) }))).toBe('invalid_encoding');
});
