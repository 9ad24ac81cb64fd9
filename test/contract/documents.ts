import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// How the parity tests read the pages under docs/: as tables, by the header of their first column.

export const ROOT = join(import.meta.dirname, '../..');

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const NOT_OURS = new Set(['node_modules', '.git', 'dist', 'data', 'coverage', '.cache']);

/** Paths of files, relative to the repository, in a stable order. */
export const filesUnder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
    })
    .sort();

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** Rows of every table whose first column has this header, as a record by header. */
export const tableRows = (markdown: string, firstHeader: string): Record<string, string>[] => {
  const rows: Record<string, string>[] = [];
  let headers: string[] | undefined;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) {
      headers = undefined;
      continue;
    }
    const cells = cellsOf(line);
    if (headers === undefined) headers = cells;
    else if (headers[0] === firstHeader && !cells.every((cell) => /^-+$/.test(cell))) {
      rows.push(Object.fromEntries(headers.map((header, i) => [header, cells[i] ?? ''])));
    }
  }
  return rows;
};

/** What stands in a cell's first pair of backticks. */
export const codeIn = (cell: string | undefined): string => /`([^`]*)`/.exec(cell ?? '')?.[1] ?? '';

export const codesIn = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]*)`/g)].map((match) => match[1] ?? '');

export const duplicatesIn = (names: readonly string[]): string[] =>
  names.filter((name, i) => names.indexOf(name) !== i);
