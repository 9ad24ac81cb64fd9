import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadPolicy } from '../../src/decide/policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-policy-'));
const write = (text: string): string => {
  const path = join(folder, `${Math.random()}.yaml`);
  writeFileSync(path, text);
  return path;
};
const { hash: _, weights: __, ...shipped } = loadPolicy();

describe('policy files', () => {
  it('a copy of the shipped policy has its hash, a changed one has another', () => {
    expect(loadPolicy(write(stringify(shipped))).hash).toBe(loadPolicy().hash);
    expect(loadPolicy(write(stringify({ ...shipped, accept: ['summary_only'] }))).hash).not.toBe(loadPolicy().hash);
  });

  it.each([
    ['thresholds in the wrong order', { ...shipped, thresholds: { record: 0.9, flag: 0.5, alert: 0.8 } }, /thresholds/],
    ['a threshold beyond 1', { ...shipped, thresholds: { record: 0.1, flag: 0.5, alert: 1.8 } }, /alert/],
    ['a category that does not exist', { ...shipped, categories: { sabotage: { flag: 0.1 } } }, /sabotage/],
    ['a coverage reason that does not exist', { ...shipped, accept: ['lazy'] }, /accept/],
    ['a field that does not exist', { ...shipped, threshold: 0.4 }, /threshold/],
    ['a missing stance', { ...shipped, stances: { intended: 1 } }, /stances/],
  ])('%s stops the start and names the field', (_name, policy, field) => {
    expect(() => loadPolicy(write(stringify(policy)))).toThrow(field);
  });

  it('a file that is missing or no YAML stops the start and names the file', () => {
    expect(() => loadPolicy(join(folder, 'absent.yaml'))).toThrow(/absent\.yaml/);
    expect(() => loadPolicy(write('a: [b'))).toThrow(/cannot be read as YAML/);
  });
});
