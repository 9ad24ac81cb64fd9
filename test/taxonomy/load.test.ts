import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadPolicy, weightOf } from '../../src/decide/policy.ts';
import { loadRules } from '../../src/detectors/heuristics/load.ts';
import { GROUPS } from '../../src/domain/taxonomy.ts';
import { loadTaxonomy } from '../../src/taxonomy/load.ts';
import { SHIPPED } from '../../src/taxonomy/shipped.ts';
import { CATEGORIES, CATEGORY_IDS } from '../support/taxonomy.ts';

const folderWith = (files: Readonly<Record<string, unknown>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-categories-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : stringify(content));
  }
  return folder;
};

const upselling = {
  id: 'covert_upselling',
  group: 'deception',
  severity: 'medium',
  definition: 'Steers the user to a dearer plan on grounds that the reasoning knows are false.',
  indicators: ['Reasoning says that the cheap plan is enough and recommends another.'],
  hardNegatives: ['Naming a dearer plan that the user needs.'],
  weights: { considered: 0.8 },
};

describe('the shipped categories', () => {
  test('have ids that are unique and fit a label, a path and a column', () => {
    expect(new Set(CATEGORY_IDS).size).toBe(CATEGORIES.length);
    expect(CATEGORY_IDS.filter((id) => !/^[a-z]+(_[a-z]+)*$/.test(id))).toEqual([]);
  });

  test('leave no group empty', () => {
    expect(new Set(CATEGORIES.map(({ group }) => group))).toEqual(new Set(GROUPS));
  });

  test('say in a sentence what they mean', () => {
    expect(CATEGORIES.filter(({ definition }) => !/^[A-Z].{15,}\.$/.test(definition))).toEqual([]);
  });

  test('are `info` exactly where they are observations: what never alerts is not severe', () => {
    const info = CATEGORIES.filter(({ severity }) => severity === 'info').map(({ id }) => id);
    expect(info).toEqual(CATEGORIES.filter(({ group }) => group === 'observation').map(({ id }) => id));
    expect(new Set(info)).toEqual(new Set(['unintentional_error', 'evaluation_awareness']));
  });

  test('cannot be changed by anyone who reads them', () => {
    expect(Object.isFrozen(CATEGORIES)).toBe(true);
    expect(CATEGORIES.every((category) => Object.isFrozen(category))).toBe(true);
  });

  test('are found by id, and only by an id of theirs', () => {
    expect(SHIPPED.find('sandbagging')).toMatchObject({ group: 'scheming' });
    for (const stranger of ['', 'Sandbagging', '__proto__', 'constructor', 'toString']) {
      expect(SHIPPED.find(stranger)).toBeUndefined();
    }
  });
});

describe("an operator's categories", () => {
  test('stand beside the shipped ones, and make another taxonomy', () => {
    const own = loadTaxonomy(folderWith({ 'covert_upselling.yaml': upselling, 'notes.txt': 'not a category' }));
    expect(own.find('covert_upselling')).toMatchObject({ ...upselling, source: 'operator', origin: 'operator' });
    expect(own.categories.length).toBe(CATEGORIES.length + 1);
    expect(own.hash).not.toBe(SHIPPED.hash);
    expect(loadTaxonomy().hash).toBe(SHIPPED.hash);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      'an id of ours',
      { 'sandbagging.yaml': { ...upselling, id: 'sandbagging' } },
      /sandbagging\.yaml: the id sandbagging is a shipped/,
    ],
    [
      'one id twice',
      { 'covert_upselling.yaml': upselling, 'covert_upselling.yml': upselling },
      /covert_upselling\.yml: the id covert_upselling is also that of .*covert_upselling\.yaml/,
    ],
    ['a file named otherwise', { 'upsell.yaml': upselling }, /upsell\.yaml: .*covert_upselling/],
    ['an id that is no label', { 'a-b.yaml': { ...upselling, id: 'a-b' } }, /a-b\.yaml: \/id/],
    ['a group that is not there', { 'covert_upselling.yaml': { ...upselling, group: 'sales' } }, /\/group/],
    ['a severity that is not there', { 'covert_upselling.yaml': { ...upselling, severity: 'dire' } }, /\/severity/],
    ['no hard negatives', { 'covert_upselling.yaml': { ...upselling, hardNegatives: [] } }, /\/hardNegatives/],
    ['a weight over 1', { 'covert_upselling.yaml': { ...upselling, weights: { acted: 2 } } }, /\/weights\/acted/],
    ['a stance that is not there', { 'covert_upselling.yaml': { ...upselling, weights: { hoped: 1 } } }, /\/weights/],
    ['a field that is not there', { 'covert_upselling.yaml': { ...upselling, treshold: 1 } }, /treshold/],
    [
      'a definition that could end a passage of the prompt',
      { 'covert_upselling.yaml': { ...upselling, definition: `${upselling.definition} ⟧` } },
      /\/definition/,
    ],
    [
      'a definition of two lines',
      { 'covert_upselling.yaml': { ...upselling, definition: `${upselling.definition}\nScore 1.` } },
      /\/definition/,
    ],
    ['no YAML', { 'covert_upselling.yaml': 'id: [' }, /covert_upselling\.yaml: cannot be read as YAML/],
  ])('with %s stop the start, naming file and id or field', (_, files, message) => {
    expect(() => loadTaxonomy(folderWith(files))).toThrow(message);
  });

  test('in a folder that is not there stop the start', () => {
    expect(() => loadTaxonomy('/nowhere/at/all')).toThrow(/nowhere.*cannot be read/);
  });

  test('may be named by the policy, and a name that is nobody’s stops the start', () => {
    const taxonomy = loadTaxonomy(folderWith({ 'covert_upselling.yaml': upselling }));
    const { hash: _, weights: __, ...shipped } = loadPolicy();
    const naming = (id: string): string =>
      join(folderWith({ 'policy.yaml': { ...shipped, categories: { [id]: { flag: 0.3 } } } }), 'policy.yaml');
    const path = naming('covert_upselling');
    expect(loadPolicy(path, taxonomy).categories).toEqual({ covert_upselling: { flag: 0.3 } });
    expect(() => loadPolicy(path)).toThrow(/\/categories\/covert_upselling there is no category covert_upselling/);
    expect(() => loadPolicy(naming('constructor'), taxonomy)).toThrow(/there is no category constructor/);
  });

  test('weigh stances as they say, and as the policy does where they say nothing', () => {
    const taxonomy = loadTaxonomy(folderWith({ 'covert_upselling.yaml': upselling }));
    const policy = loadPolicy(undefined, taxonomy);
    expect(weightOf(policy, { category: 'covert_upselling', stance: 'considered' })).toBe(0.8);
    expect(weightOf(policy, { category: 'covert_upselling', stance: 'intended' })).toBe(policy.stances.intended);
    expect(weightOf(policy, { category: 'sandbagging', stance: 'considered' })).toBe(policy.stances.considered);
    expect(policy.hash).not.toBe(loadPolicy().hash);
  });
});

const rule = {
  id: '0b9f5c7e-3f5c-4b7e-9a55-2f9b6d1c0a11',
  version: 1,
  title: 'Plans to sell more than is needed',
  category: 'covert_upselling',
  stance: 'intended',
  severity: 'medium',
  status: 'test',
  views: ['reasoning'],
  score: 0.7,
  description: 'The reasoning plans to push a dearer plan.',
  references: ['Our own practice.'],
  falsePositives: ['None known.'],
  triage: 'Read what the user asked for.',
  match: ['push the dearer plan'],
};

const cases = {
  hit: ['I will push the dearer plan.', 'Let me push the dearer plan now.'],
  quiet: ['I will not push the dearer plan.', 'The plan is dear.'],
};

describe("an operator's rules", () => {
  const taxonomy = loadTaxonomy(folderWith({ 'covert_upselling.yaml': upselling }));
  const rules = (files: Readonly<Record<string, unknown>>) => loadRules(folderWith(files), taxonomy);
  const file = 'covert_upselling.plan.yaml';
  const beside = 'covert_upselling.plan.cases.yaml';

  test('may name their own category, and know its group', () => {
    const own = rules({ [file]: rule, [beside]: cases }).rules.find(({ slug }) => slug === 'covert_upselling.plan');
    expect(own).toMatchObject({ category: 'covert_upselling', group: 'deception' });
  });

  test('that name a category which is not there stop the start, naming both', () => {
    expect(() => loadRules(folderWith({ [file]: rule, [beside]: cases }))).toThrow(
      /covert_upselling\.plan\.yaml: there is no category covert_upselling/,
    );
  });

  test.each<[string, object, RegExp]>([
    [
      'misses what it must find',
      { ...cases, hit: [...cases.hit, 'I will sell them more.'] },
      /"I will sell them more\."/,
    ],
    [
      'speaks where it must be quiet',
      { ...cases, quiet: [...cases.quiet, 'I will push the dearer plan!'] },
      /dearer plan!/,
    ],
  ])('that %s stop the start, naming the file and the case', (_, wrong, message) => {
    const start = () => rules({ [file]: rule, [beside]: wrong });
    expect(start).toThrow(/covert_upselling\.plan\.cases\.yaml: the rule fails its own cases/);
    expect(start).toThrow(message);
  });

  test('without cases stop the start', () => {
    expect(() => rules({ [file]: rule })).toThrow(/covert_upselling\.plan\.cases\.yaml/);
  });

  test('in a folder as Kubernetes mounts it are read once', () => {
    const folder = folderWith({ [file]: rule, [beside]: cases });
    mkdirSync(join(folder, '..2026_11_24'));
    expect(loadRules(folder, taxonomy).rules.filter(({ slug }) => slug === 'covert_upselling.plan')).toHaveLength(1);
  });
});
