import { describe, expect, test } from 'vitest';
import { createLogger, type Logger } from '../../src/observe/log.ts';

const CANARY = 'sh3-will-never-n0tice';

const recording = (level: Parameters<typeof createLogger>[0] = 'debug'): { log: Logger; lines: string[] } => {
  const lines: string[] = [];
  return { log: createLogger(level, { write: (line: string) => void lines.push(line) }), lines };
};

const logged = (error: unknown): string => {
  const { log, lines } = recording();
  log.error({ traceId: 't-1', error }, 'could not store');
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
};

/** What JSON.parse, PostgreSQL and others do: quote what they choked on. */
const parseError = (): unknown => {
  try {
    JSON.parse(`{"text": ${CANARY}}`);
  } catch (error) {
    return error;
  }
  throw new Error('parsed');
};

describe('an error in the log', () => {
  test.each<[string, () => unknown]>([
    ['its message', () => new Error(CANARY)],
    ['a message of several lines', () => new Error(`first\n${CANARY}\nlast`)],
    ['a message whose lines look like stack frames', () => new Error(`first\n    at ${CANARY} (file:///x.ts:1:1)`)],
    [
      'a message that was changed after the stack was taken',
      () => {
        const error = new Error(`was\n    at ${CANARY} (file:///x.ts:1:1)`);
        expect(error.stack).toContain(CANARY);
        error.message = 'is';
        return error;
      },
    ],
    ['its cause', () => new Error('outer', { cause: new Error(CANARY) })],
    ['a property', () => Object.assign(new Error('x'), { detail: CANARY, where: [CANARY], input: { text: CANARY } })],
    ['a code that is no code', () => Object.assign(new Error('x'), { code: `failed near "${CANARY} and on"` })],
    ['the errors that it gathers', () => new AggregateError([new Error(CANARY)], 'several')],
    ['what a parser quotes', parseError],
    ['a thrown string', () => CANARY],
    ['a thrown object', () => ({ message: CANARY, code: CANARY })],
    ['an error that serialises itself', () => Object.assign(new Error('x'), { toJSON: () => CANARY })],
  ])('never shows text hidden in %s', (_, make) => {
    expect(logged(make())).not.toContain(CANARY);
  });

  test('keeps its type, its code and where it came from', () => {
    const error = Object.assign(new TypeError('x'), { code: 'ECONNREFUSED' });
    const line = JSON.parse(logged(error)) as { error: { type: string; code: string; stack: string[] } };
    expect(line.error).toMatchObject({ type: 'TypeError', code: 'ECONNREFUSED' });
    expect(line.error.stack.length).toBeGreaterThan(0);
    expect(line.error.stack.length).toBeLessThanOrEqual(12);
    expect(line.error.stack.join('\n')).toContain('log.test.ts');
  });

  test('without a stack, or with one that is no text, is logged all the same', () => {
    const bare = new Error('x');
    delete bare.stack;
    expect(JSON.parse(logged(bare))).toMatchObject({ error: { type: 'Error', stack: [] } });
    expect(JSON.parse(logged(undefined))).toMatchObject({ msg: 'could not store' });
    expect(JSON.parse(logged(null))).toMatchObject({ msg: 'could not store' });
  });
});

describe('the log', () => {
  test('is one JSON object a line, with level, time, fields and message', () => {
    const { log, lines } = recording();
    log.info({ traceId: 't-1', count: 3 }, 'stored');
    expect(lines[0]?.endsWith('\n')).toBe(true);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'info', traceId: 't-1', count: 3, msg: 'stored' });
    expect(new Date(String(line.time)).toISOString()).toBe(line.time);
    expect(Object.keys(line).sort()).toEqual(['count', 'level', 'msg', 'time', 'traceId']);
  });

  test('cannot be given a second line by a hostile id', () => {
    const { log, lines } = recording();
    log.warn({ traceId: 'a\n{"level":"error","msg":"forged"}' }, 'seen');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });

  test('leaves out what is below its level', () => {
    const { log, lines } = recording('warn');
    log.debug({}, 'no');
    log.info({}, 'no');
    log.warn({}, 'yes');
    log.error({}, 'yes');
    expect(lines).toHaveLength(2);
    const quiet = recording('silent');
    quiet.log.error({}, 'no');
    expect(quiet.lines).toEqual([]);
  });
});
