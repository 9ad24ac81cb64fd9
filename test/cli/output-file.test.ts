import { existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOptional, openOutput } from '../../src/cli/output-file.ts';
import { makeFolder } from './fixture.ts';

test('empties what was there and appends in order', async () => {
  const path = join(makeFolder(), 'out');
  writeFileSync(path, 'old');
  const file = await openOutput(path);
  await file.write('a\n');
  await file.write('b\n');
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
});

test('a path that cannot be written is refused at once, with a code', async () => {
  const folder = makeFolder();
  await expect(openOutput(join(folder, 'no', 'such', 'folder'))).rejects.toMatchObject({ code: 'unwritable_output' });
  await expect(openOutput(folder)).rejects.toMatchObject({ message: expect.stringContaining('EISDIR') });
});

test('an input is never written over, whatever it is called', async () => {
  const folder = makeFolder();
  const [input, twin] = [join(folder, 'in'), join(folder, 'twin')];
  writeFileSync(input, 'data');
  linkSync(input, twin);
  for (const path of [input, twin, join(folder, '.', 'in')]) {
    await expect(openOutput(path, [input])).rejects.toMatchObject({ message: expect.stringContaining('inputs') });
  }
  expect(readFileSync(input, 'utf8')).toBe('data');
});

test('nothing is emptied for a run whose input is not there', async () => {
  const folder = makeFolder();
  const path = join(folder, 'out');
  writeFileSync(path, 'old');
  await expect(openOutput(path, [join(folder, 'gone')])).rejects.toMatchObject({ code: 'unreadable_input' });
  expect(readFileSync(path, 'utf8')).toBe('old');
});

test.runIf(existsSync('/dev/full'))('a full disk is an error with a code', async () => {
  const file = await openOutput('/dev/full');
  await expect(file.write('x')).rejects.toMatchObject({ message: expect.stringContaining('ENOSPC') });
  await file.close();
});

test('no path, no file', async () => {
  expect(await openOptional(undefined)).toBeUndefined();
});
