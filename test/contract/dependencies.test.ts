import { describe, expect, test } from 'vitest';
import { readText } from './documents.ts';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const manifest = JSON.parse(readText('package.json')) as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>;
const lock = JSON.parse(readText('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
const page = readText('docs/dependencies.md');

const named = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** Packages in the first column of the tables of one chapter. */
const rowsOf = (chapter: string): string[] => {
  const text = page.split(/^## /m).find((part) => part.startsWith(chapter))!;
  return text.split('\n').flatMap((line) => named(/^\| (`[^|]*)\|/.exec(line)?.[1] ?? ''));
};

const installed = Object.entries(lock.packages).filter(([path]) => path !== '');
const isForBuilding = ({ dev, devOptional }: Locked): boolean => dev === true || devOptional === true;

describe('dependencies', () => {
  test('each have a reason in docs/dependencies.md, and nothing else does', () => {
    expect(rowsOf('In the service').sort()).toEqual(Object.keys(manifest.dependencies).sort());
    expect(rowsOf('For building').sort()).toEqual(Object.keys(manifest.devDependencies).sort());
  });

  test('are named in exact versions, and locked with a checksum', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual(
      [],
    );
  });

  test('come from no place that only one network reaches', () => {
    const places = installed.flatMap(([, { resolved }]) => (resolved === undefined ? [] : [new URL(resolved).host]));
    expect([...new Set(places)].filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  });

  test('have licences that are allowed where they are used', () => {
    const [anywhere, building] = page
      .split('## Licences')[1]!
      .split('\n')
      .flatMap((line) => (/^\| `/.test(line) ? [named(line)] : []));
    // Their licence texts are MIT's; their manifests say so in an old spelling that the lock file leaves out.
    const unnamed: Readonly<Record<string, string>> = {
      'node_modules/buildcheck': 'MIT',
      'node_modules/cpu-features': 'MIT',
      'node_modules/ssh2': 'MIT',
    };
    const refused = installed.filter(([path, entry]) => {
      const licence = entry.license ?? unnamed[path] ?? 'none';
      const choices = licence.replace(/^\(|\)$/g, '').split(' OR ');
      const allowed = isForBuilding(entry) ? [...anywhere!, ...building!] : anywhere!;
      return !choices.some((choice) => allowed.includes(choice));
    });
    expect(refused.map(([path, { license }]) => `${path}: ${license ?? 'none'}`)).toEqual([]);
  });
});
