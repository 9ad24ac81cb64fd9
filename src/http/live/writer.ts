import type { ServerResponse } from 'node:http';

// Lines out, to a client that may read slowly or not at all. What has been found so far replaces what was found before, so
// that at most one such line waits; whatever else is said is bounded in number.

/** Lines that may wait beside the latest. */
const MAX_WAITING = 100;

export interface Writer {
  /** Says what holds now: replaces what it said before, where that is still waiting. */
  latest(line: object): void;
  write(line: object): void;
  /** Says the last word and ends the answer; a client that has not taken it within so many milliseconds is let go. */
  end(last: object, patienceMs: number): void;
}

const linesOf = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

export const createWriter = (raw: ServerResponse, headers: Readonly<Record<string, string>>): Writer => {
  let current: object | undefined;
  let waiting: object[] = [];
  raw.on('error', () => undefined);
  raw.writeHead(200, headers);
  raw.flushHeaders();

  const flush = (): void => {
    if (raw.destroyed || raw.writableEnded || raw.writableNeedDrain) return;
    const lines = current === undefined ? waiting : [...waiting, current];
    waiting = [];
    current = undefined;
    if (lines.length > 0) raw.write(linesOf(lines));
  };
  raw.on('drain', flush);

  return {
    latest: (line) => {
      current = line;
      flush();
    },
    write: (line) => {
      if (waiting.length < MAX_WAITING) waiting.push(line);
      flush();
    },
    end: (last, patienceMs) => {
      if (raw.destroyed) return;
      raw.end(linesOf([...waiting, last]));
      waiting = [];
      const timer = setTimeout(() => raw.destroy(), patienceMs);
      raw.once('close', () => clearTimeout(timer));
    },
  };
};
