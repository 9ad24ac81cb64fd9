import { describe, expect, test } from 'vitest';
import { filesUnder, readText } from './documents.ts';
import { type SourceFile, sourceFiles, withoutText } from './sources.ts';

// Rules of the house that a reader relies on and that no linter here checks. Each failure lists every offender.

/** Files over the limit, each with the reason why it reads better whole. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'src/client/schema.ts': 'generated from the OpenAPI document',
};

const LIMIT = 300;
const MEDIAN = 120;

const files = sourceFiles();
const lines = ({ text }: SourceFile): number => text.split('\n').length - 1;
const offenders = (pattern: RegExp, of: (file: SourceFile) => string): string[] =>
  files.flatMap((file) => {
    const match = pattern.exec(of(file));
    return match === null ? [] : [`${file.path}: ${match[0].trim()}`];
  });

describe('the sources', () => {
  test('hold no `any`', () => {
    const untyped = /(?:[:<|&]|\bas)\s*any\b|\bany\[\]|,\s*any\s*>/;
    expect(untyped.test('const x: any = 1')).toBe(true);
    expect(untyped.test('as any')).toBe(true);
    expect(untyped.test('Map<string, any>')).toBe(true);
    expect(untyped.test('const { all, any, near } = pattern')).toBe(false);
    expect(offenders(untyped, ({ code }) => withoutText(code))).toEqual([]);
  });

  test('silence no checker and leave nothing for later', () => {
    // With brackets, so that this file does not match its own pattern.
    const marks = new RegExp(
      ['@ts-(?:ignore|expect)', 'biome-(?:ignore)', 'eslint-(?:disable)', 'TO(?:DO)\\b', 'FIX(?:ME)\\b'].join('|'),
    );
    expect(offenders(marks, ({ text }) => text)).toEqual([]);
    const tests = filesUnder('test').filter((path) => path.endsWith('.ts'));
    expect(tests.filter((path) => marks.test(readText(path)))).toEqual([]);
  });

  test(`stay under ${LIMIT} lines a file, or say why not`, () => {
    const long = files.filter((file) => lines(file) > LIMIT).map(({ path }) => path);
    expect(long.filter((path) => !(path in LONG_FILES))).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((path) => !long.includes(path))).toEqual([]);
  });

  test(`have a median under ${MEDIAN} lines`, () => {
    const sizes = files.map(lines).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(MEDIAN);
  });

  test('are named after what they are', () => {
    const vague = /(?:^|[-/])(?:utils?|helpers?|managers?|services?|misc|common)(?:[-.]|\/)/;
    expect(vague.test('src/http/utils.ts')).toBe(true);
    expect(files.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
    expect(files.map(({ path }) => path).filter((path) => !/^[a-z0-9./-]+$/.test(path))).toEqual([]);
  });

  test('print only through the command line or the log', () => {
    const printing = files.filter(({ code }) => /\bconsole\s*\./.test(withoutText(code)));
    expect(printing.map(({ path }) => path).filter((path) => !path.startsWith('src/cli/'))).toEqual([]);
  });

  test('open each folder with a word on what it is for', () => {
    const silent = Object.entries(Object.groupBy(files, ({ path }) => path.split('/')[1] ?? ''))
      .filter(([, inside]) => !inside?.some(({ text }) => /^(\/\/ |\/\*\*)/m.test(text)))
      .map(([folder]) => folder);
    expect(silent).toEqual([]);
  });
});

describe('the repository', () => {
  const texts = filesUnder('.')
    .filter((path) => !/^package-lock\.json$|\.(png|ico|woff2?|gz|onnx|bin|wasm|snap)$/.test(path))
    .map((path) => ({ path, text: readText(path) }));

  test('names no path of the machine it was written on', () => {
    const machine = /(?<![\w.$~}/-])\/(?:home|root|Users|work|tmp|mnt)\/[A-Za-z.]|[A-Z]:\\\\?Users|\.\.\/shared\b/;
    expect(machine.test('read /home/jane/x')).toBe(true);
    const own = 'test/contract/house.test.ts';
    // Traces of the corpus speak of machines of their own.
    const written = texts.filter(({ path }) => path !== own && !/^corpus\/(?:families|pairs)\//.test(path));
    expect(written.filter(({ text }) => machine.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('holds its promised two commands, in the README and in CI alike', () => {
    expect(readText('README.md')).toContain('npm ci && npm start');
    expect(readText('README.md')).toContain('npm ci && npm test');
    expect(readText('.ci/run')).toContain('npm ci && npm test');
    expect(readText('.github/workflows/ci.yaml')).toContain('bash .ci/run');
  });

  test('links only to pages that exist', () => {
    const known = new Set(texts.map(({ path }) => path));
    const broken = texts
      .filter(({ path }) => path.endsWith('.md'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)/g)]
          .map(([, target]) => new URL(target ?? '', `file:///${path}`).pathname.slice(1))
          .filter((target) => !known.has(target) && !texts.some((file) => file.path.startsWith(`${target}/`)))
          .map((target) => `${path} → ${target}`),
      );
    expect(broken).toEqual([]);
  });

  test('points, from the sources, only at pages that exist', () => {
    const known = new Set(texts.map(({ path }) => path));
    const broken = texts
      .filter(({ path }) => path.startsWith('src/'))
      .flatMap(({ path, text }) =>
        (text.match(/\bdocs\/[\w-]+\.md\b/g) ?? [])
          .filter((page) => !known.has(page))
          .map((page) => `${path} → ${page}`),
      );
    expect(broken).toEqual([]);
  });

  test('builds its image from what the build script needs, and lets nothing else in', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: { build: string } };
    const needed = ['src', 'package.json', 'package-lock.json', 'tsconfig.build.json', 'tsconfig.json'];
    for (const [, script] of scripts.build.matchAll(/\bnode (\S+?)\//g)) needed.push(script ?? '');
    const copied = [...readText('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, sources]) => sources?.split(' ') ?? [],
    );
    const admitted = [...readText('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, path]) => path);
    expect(copied).toEqual(expect.arrayContaining(needed));
    expect(copied.filter((path) => !admitted.includes(path))).toEqual([]);
    expect(admitted.filter((path) => !copied.includes(path ?? ''))).toEqual([]);
  });

  test('runs one Node: the image, the workflow and the scripts agree', () => {
    const manifest = JSON.parse(readText('package.json')) as {
      devDependencies: Record<string, string>;
      engines: { node: string };
    };
    const version = manifest.devDependencies.node ?? 'none';
    const major = version.split('.')[0];
    expect([...readText('Dockerfile').matchAll(/^FROM node:(\S+?)-/gm)].map(([, tag]) => tag)).not.toContain(undefined);
    for (const [, tag] of readText('Dockerfile').matchAll(/^FROM node:([\d.]+)/gm)) expect(tag).toBe(version);
    expect(readText('.nvmrc').trim()).toBe(major);
    expect(manifest.engines.node).toBe(`>=${major}`);
    expect(readText('.github/workflows/ci.yaml')).toContain('node-version-file: .nvmrc');
  });

  test('pins every image that it names', () => {
    const images = [...readText('deploy/compose.yaml').matchAll(/^\s*image:\s*(\S+)/gm)].map(
      ([, image]) => image ?? '',
    );
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((image) => !/:v?\d+\.\d+/.test(image))).toEqual([]);
  });
});
