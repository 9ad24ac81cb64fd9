import { describe, expect, test } from 'vitest';
import { type Import, importsOf, sourceFiles, withoutComments, withoutText } from './sources.ts';

// Imports point down only:
//   bin → main → serve → compose → engine → live → {http, ingest, cli} → {pipeline, judging} → stages →
//   {kafka, observe, config, archive, taxonomy} → domain
// Parts on the same floor do not know one another.

const FLOORS = [
  ['bin'],
  ['main'],
  ['serve'],
  ['compose'],
  ['engine'],
  ['live'],
  ['http', 'ingest', 'cli'],
  ['pipeline', 'judging'],
  ['normalise', 'detectors', 'decide', 'record', 'publish'],
  ['kafka', 'observe', 'config', 'report', 'archive', 'taxonomy'],
  ['domain', 'releasers'],
] as const;

const STAGES: readonly string[] = FLOORS[8];
const DOORS: readonly string[] = FLOORS[6];
/** These put the parts together, so they may know any of them. */
const BUILDERS: readonly string[] = FLOORS.slice(0, 6).flat();

/** `src/http/routes/flags.ts` → `http`, `src/pipeline.ts` → `pipeline`. */
const partOf = (path: string): string => path.split('/')[1]?.replace(/\.ts$/, '') ?? '';

const floorOf = (part: string): number => FLOORS.findIndex((parts) => (parts as readonly string[]).includes(part));

/** Why an import is not allowed, or undefined where it is. */
const objection = ({ from, to, typeOnly }: Import): string | undefined => {
  const [above, below] = [partOf(from), partOf(to)];
  if (above === below) return undefined;
  if (!to.startsWith('src/')) return 'leaves src';
  if (floorOf(above) === -1) return `${above} is on no floor`;
  if (floorOf(below) === -1) return `${below} is on no floor`;
  // The clients of Kafka are configured and log: kafka stands above its two neighbours.
  if (above === 'kafka' && below === 'observe') return undefined;
  if (above === 'kafka' && below === 'config') return typeOnly ? undefined : 'takes more than types from config';
  if (floorOf(below) <= floorOf(above)) return 'does not point down';
  if (BUILDERS.includes(above)) return undefined;
  if (below === 'config' && above !== 'cli' && !typeOnly) return 'takes more than types from config';
  if (STAGES.includes(below) && ['pipeline', 'judging'].includes(above) && !typeOnly)
    return 'takes more than types from a stage';
  if (STAGES.includes(below) && DOORS.includes(above)) {
    if (!to.endsWith('/contract.ts')) return 'reaches into a stage past its contract';
    if (!typeOnly) return 'takes more than types from a contract';
  }
  return undefined;
};

const cyclesIn = (imports: readonly Import[]): string[] => {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) cycles.push([...path.slice(at), file].join(' → '));
    if (at !== -1 || done.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return cycles;
};

const files = sourceFiles();
const imports = files.flatMap(importsOf);

describe('the sources', () => {
  test('import downwards only', () => {
    const wrong = imports.flatMap((edge) => {
      const why = objection(edge);
      return why === undefined ? [] : [`${edge.from} → ${edge.to}: ${why}`];
    });
    expect(wrong).toEqual([]);
  });

  test('have no import cycle', () => {
    expect(cyclesIn(imports)).toEqual([]);
  });

  test('import files that exist, by their whole name', () => {
    const paths = new Set(files.map(({ path }) => path));
    expect(imports.filter(({ to }) => !paths.has(to) && !/\.(json|yaml|md)$/.test(to))).toEqual([]);
  });

  test('leave the environment to config; only the process itself passes it in', () => {
    const allowed = /^src\/(config\/.*|main\.ts|bin\.ts)$/;
    const readers = files.filter(({ code }) => /\bprocess\s*(\?\.|\.|\[\s*['"])\s*env\b/.test(code));
    const named = files.filter(({ code }) => /import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*['"]node:process['"]/.test(code));
    expect([...readers, ...named].map(({ path }) => path).filter((path) => !allowed.test(path))).toEqual([]);
  });

  test('are all read: the domain is there, and something imports it', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.some(({ to }) => to === 'src/domain/trace.ts')).toBe(true);
  });
});

describe('the rule itself', () => {
  const edge = (from: string, to: string, typeOnly = false): Import => ({
    from: `src/${from}`,
    to: `src/${to}`,
    typeOnly,
  });

  test.each([
    ['a stage that imports another', edge('decide/decide.ts', 'record/contract.ts', true)],
    ['a part that imports one above it', edge('domain/trace.ts', 'observe/log.ts')],
    ['a door that imports a door', edge('http/server.ts', 'ingest/contract.ts', true)],
    ['a door that reaches past a contract', edge('http/server.ts', 'record/store.ts', true)],
    ['a door that takes code from a contract', edge('http/server.ts', 'record/contract.ts')],
    ['a stage that reads the configuration itself', edge('record/store.ts', 'config/config.ts')],
    ['a pipeline that calls a stage by name', edge('pipeline.ts', 'decide/decide.ts')],
    ['a folder that nobody placed', edge('magic/wand.ts', 'domain/trace.ts')],
  ])('refuses %s', (_, wrong) => {
    expect(objection(wrong)).toBeDefined();
  });

  test.each([
    ['the builder of parts', edge('compose.ts', 'record/store.ts')],
    ['types of a contract', edge('http/server.ts', 'record/contract.ts', true)],
    ['observation from a stage', edge('record/store.ts', 'observe/log.ts')],
    ['types of the configuration', edge('kafka/client.ts', 'config/config.ts', true)],
  ])('allows %s', (_, right) => {
    expect(objection(right)).toBeUndefined();
  });

  test('finds a cycle of three', () => {
    const three = [edge('a/x.ts', 'a/y.ts'), edge('a/y.ts', 'a/z.ts'), edge('a/z.ts', 'a/x.ts')];
    expect(cyclesIn(three)).toEqual(['src/a/x.ts → src/a/y.ts → src/a/z.ts → src/a/x.ts']);
    expect(cyclesIn(three.slice(0, 2))).toEqual([]);
  });

  test('reads imports however they are written', () => {
    const code = withoutComments(
      [
        "import { a,\n  type B } from './one.ts';",
        "import type { C } from '../two.ts';",
        "import { type D, type E } from './three.ts';",
        "export * from './four.ts';",
        "import './five.ts';",
        "const six = await import('./six.ts');",
        "// import { no } from './comment.ts';",
        "import { readFileSync } from 'node:fs';",
      ].join('\n'),
    );
    const found = importsOf({ path: 'src/part/file.ts', code }).map(({ to, typeOnly }) => [to, typeOnly]);
    expect(Object.fromEntries(found)).toEqual({
      'src/part/one.ts': false,
      'src/two.ts': true,
      'src/part/three.ts': true,
      'src/part/four.ts': false,
      'src/part/five.ts': false,
      'src/part/six.ts': false,
    });
  });

  test('knows a comment from text that looks like one', () => {
    expect(withoutComments("const url = 'http://x'; // gone\nconst b = 1;")).toBe(
      "const url = 'http://x';  \nconst b = 1;",
    );
    expect(withoutComments('/* gone */ const c = `a // b`;')).toBe('  const c = `a // b`;');
    expect(withoutText("const d = 'any' + x;")).toBe("const d = '' + x;");
  });
});
