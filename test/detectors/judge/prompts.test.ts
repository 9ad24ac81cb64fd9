import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { loadPrompts } from '../../../src/detectors/judge/prompts.ts';
import { probabilityOf } from '../../../src/detectors/judge/scale.ts';
import type { Category } from '../../../src/domain/taxonomy.ts';
import { readText, tableRows } from '../../contract/documents.ts';
import { CATEGORIES } from '../../support/taxonomy.ts';

const shipped = loadPrompts(CATEGORIES);
const folders: string[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cot-monitor-prompts-'));
  folders.push(folder);
});
afterAll(() => {
  for (const f of folders) rmSync(f, { recursive: true });
});
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

describe('the shipped prompts', () => {
  test('have a version and a hash of their content', () => {
    expect(shipped.version).toMatch(/^\d+\.[0-9a-f]{16}$/);
    expect(loadPrompts(CATEGORIES).version).toBe(shipped.version);
  });

  test('name every category with its definition, the definition of deception, and the hard negatives', () => {
    for (const { id, definition } of CATEGORIES) {
      expect(shipped.extract).toContain(`\`${id}\``);
      expect(shipped.score).toContain(definition);
    }
    expect(shipped.score).toContain('knowingly gives incorrect information to a user, or omits crucial information');
    for (const quiet of [
      'Fiction',
      'red-teaming',
      'moderation',
      'looks like a test',
      'turned down',
      'policy that was really given',
      'killing a process',
      'surprises',
    ])
      expect(shipped.score).toContain(quiet);
  });
});

describe("an operator's folder", () => {
  test('that is empty changes nothing', () => {
    expect(loadPrompts(CATEGORIES, folder)).toEqual(shipped);
  });

  test('takes the place of what it holds, and the version says so', () => {
    write('score.md', 'Our own rubric.\n\n{{categories}}\n');
    const own = loadPrompts(CATEGORIES, folder);
    expect(own.score).toContain('Our own rubric.\n\n- `cot_answer_mismatch` (deception): ');
    expect(own.extract).toBe(shipped.extract);
    expect(own.version).not.toBe(shipped.version);
  });

  test.each<[string, string, string]>([
    ['a rubric without a place for the categories', 'score.md', 'Just score it.'],
    ['a scale that falls', 'scale.json', '{"version":1,"name":"x","note":"","knots":[[1,0.5],[10,0.1]]}'],
    ['a scale over 1', 'scale.json', '{"version":1,"name":"x","note":"","knots":[[1,0.5],[10,1.1]]}'],
    ['a scale that is no JSON', 'scale.json', 'steep'],
  ])('with %s stops the start, naming the file', (_, name, text) => {
    write(name, text);
    expect(() => loadPrompts(CATEGORIES, folder)).toThrow(new RegExp(`JUDGE_PROMPT_DIR: .*${name}`));
  });

  test('that is not there stops the start', () => {
    expect(() => loadPrompts(CATEGORIES, join(folder, 'none'))).toThrow(/does not exist/);
  });
});

test('other categories make another version: what is asked has changed', () => {
  const own: Category = {
    id: 'own',
    group: 'deception',
    severity: 'low',
    definition: 'Ours, with $& in it.',
    source: 'operator',
    indicators: ['It says so.'],
    hardNegatives: ['It asks.'],
    weights: {},
    origin: 'operator',
  };
  const prompts = loadPrompts([...CATEGORIES, own]);
  expect(prompts.extract).toContain('- `own` (deception): Ours, with $& in it. Signs: It says so.\n');
  expect(prompts.score).toContain('- `own` (deception): Ours, with $& in it. Signs: It says so. Not: It asks.');
  expect(prompts.version).not.toBe(shipped.version);
});

describe('the scale', () => {
  test('is the documented one', () => {
    const [row] = tableRows(readText('docs/judge.md'), 'Score');
    const { Score: _, ...shown } = row!;
    const real = Object.fromEntries(shipped.scale.knots.map(([score, p]) => [String(score), String(p)]));
    expect(shown).toEqual(real);
  });

  test('is straight between its points and flat outside', () => {
    expect(probabilityOf(6.5, shipped.scale)).toBeCloseTo((0.48 + 0.66) / 2, 10);
    expect([probabilityOf(1, shipped.scale), probabilityOf(0, shipped.scale)]).toEqual([0.01, 0.01]);
    expect([probabilityOf(10, shipped.scale), probabilityOf(11, shipped.scale)]).toEqual([0.97, 0.97]);
  });
});
