import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVectorCache } from '../../src/cli/vector-cache.ts';
import { makeFolder } from './fixture.ts';

const bag = { vectors: Float32Array.of(0.1, -2, 3.5, 1e-7), weights: [1, 3] };

test('what was put is there to the bit after the folder is opened again', () => {
  const folder = join(makeFolder(), 'new');
  const cache = openVectorCache(folder, 'v1');
  cache.put('a', bag);
  cache.put('b', null);
  const again = openVectorCache(folder, 'v1');
  expect(again.get('a')).toEqual(bag);
  expect(again.get('b')).toBeNull();
  expect(again.get('c')).toBeUndefined();
});

test('another version knows nothing of it', () => {
  const folder = makeFolder();
  openVectorCache(folder, 'v1').put('a', bag);
  expect(openVectorCache(folder, 'v2').get('a')).toBeUndefined();
});

test('a line that was cut is forgotten, and what follows it is not', () => {
  const folder = makeFolder();
  openVectorCache(folder, 'v').put('a', bag);
  appendFileSync(join(folder, readdirSync(folder)[0]!), '{"key":"b","weights":[1],"vec');
  openVectorCache(folder, 'v').put('c', bag);
  const again = openVectorCache(folder, 'v');
  expect(['a', 'b', 'c'].map((key) => again.get(key) !== undefined)).toEqual([true, false, true]);
});

test('a folder that cannot be one is refused by a code', () => {
  const path = join(makeFolder(), 'file');
  writeFileSync(path, '');
  expect(() => openVectorCache(path, 'v')).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});
