import type { Writable } from 'node:stream';

// What commands see of the world outside: two streams and an environment, passed in so that tests can hold them.

export interface Terminal {
  readonly out: Writable;
  readonly err: Writable;
  /** Whether `err` is a screen: progress bars are drawn only there. */
  readonly interactive: boolean;
}

/** Rows of text cells as aligned columns; the first column to the left, numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [line(head), widths.map((w) => '-'.repeat(w)).join('  '), ...rows.map(line)].join('\n');
};

/** An operator's text on one line, without control characters: names in files may hold escape sequences. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '·');
