import { posix } from 'node:path';
import { filesUnder, readText } from './documents.ts';

// How the structural tests read src: as text, without comments, so that a comment that names a thing does not count.

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly code: string;
}

export interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it is gone once types are stripped. */
  readonly typeOnly: boolean;
}

/** Comments are taken out, text in quotes and templates is left as it is. */
export const withoutComments = (text: string): string =>
  text.replace(
    /(\/\*[\s\S]*?\*\/|(?<![:\\/])\/\/.*)|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)/g,
    (_, comment: string | undefined, quoted: string | undefined) => (comment === undefined ? (quoted ?? '') : ' '),
  );

export const withoutText = (code: string): string =>
  code.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, "''");

export const sourceFiles = (): SourceFile[] =>
  filesUnder('src')
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readText(path);
      return { path, text, code: withoutComments(text) };
    });

const STATIC = /(?:^|\n)\s*(?:import|export)\b(?<clause>[^'";]*?)\bfrom\s*['"](?<target>[^'"]+)['"]/g;
const BARE = /(?:^|\n)\s*import\s*['"](?<target>[^'"]+)['"]/g;
const DYNAMIC = /\bimport\(\s*['"](?<target>[^'"]+)['"]/g;

const isTypeOnly = (clause: string): boolean => {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /\{([^}]*)\}/.exec(clause);
  if (names === null || clause.replace(names[0], '').replace(/[\s,]/g, '') !== '') return false;
  return (names[1] ?? '')
    .split(',')
    .filter((name) => name.trim() !== '')
    .every((name) => /^\s*type\s/.test(name));
};

/** Imports of one file that stay inside the repository. */
export const importsOf = ({ path, code }: Pick<SourceFile, 'path' | 'code'>): Import[] =>
  [STATIC, BARE, DYNAMIC].flatMap((pattern) =>
    [...code.matchAll(pattern)]
      .map((match) => match.groups ?? {})
      .filter(({ target }) => target?.startsWith('.'))
      .map(({ target, clause }) => ({
        from: path,
        to: posix.join(posix.dirname(path), target ?? ''),
        typeOnly: pattern === STATIC && isTypeOnly(clause ?? ''),
      })),
  );
