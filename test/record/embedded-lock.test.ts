import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectEmbedded } from '../../src/record/connection.ts';
import { lockDirectory } from '../../src/record/embedded-lock.ts';
import { embeddedFolder } from './stores.ts';

let folder: string;
const children: (() => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cot-monitor-lock-'));
});
afterEach(async () => {
  for (const end of children.splice(0)) end();
  await rm(folder, { recursive: true, force: true });
});

const lockFile = (number = 1): string => join(folder, `store.lock.${number}`);

const module = new URL('../../src/record/embedded-lock.ts', import.meta.url).href;

/** Another process that holds the folder until it is killed. */
const holdElsewhere = async (): Promise<() => Promise<void>> => {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(module)});
    await lockDirectory(${JSON.stringify(folder)});
    console.log('held');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
};

const locked = expect.objectContaining({ code: 'store_locked' });

test('a folder that is held is refused to this process and to another, and free after release', async () => {
  const lock = await lockDirectory(folder);
  await expect(lockDirectory(folder)).rejects.toThrow(locked);
  await lock.release();
  await (await lockDirectory(folder)).release();
});

test('a folder that another living process holds is refused', async () => {
  await holdElsewhere();
  await expect(lockDirectory(folder)).rejects.toThrow(locked);
});

test('a lock that a killed process left is recovered', async () => {
  const kill = await holdElsewhere();
  await kill();
  expect(await readdir(folder)).toEqual(['store.lock.1']);
  const lock = await lockDirectory(folder);
  await expect(lockDirectory(folder)).rejects.toThrow(locked);
  await lock.release();
});

test('a pid that was used again for another process does not count as the holder', async () => {
  const kill = await holdElsewhere();
  const holder = JSON.parse(await readFile(lockFile(), 'utf8'));
  await kill();
  await writeFile(lockFile(), JSON.stringify({ ...holder, pid: process.ppid, started: '1' }));
  await (await lockDirectory(folder)).release();
});

test('our own pid in a lock that is not ours is a former life', async () => {
  const lock = await lockDirectory(folder);
  const mine = await readFile(lockFile(), 'utf8');
  await lock.release();
  await writeFile(lockFile(), mine.replace(/"token":"[^"]*"/, '"token":"x"'));
  await (await lockDirectory(folder)).release();
});

test.each([
  ['of another world', '{"pid":1,"world":"elsewhere","started":"1","token":"t"}'],
  ['that cannot be read', '{"pid":'],
  ['that is empty', ''],
  ['with a pid that is text', '{"pid":"1"}'],
])('a lock %s holds while it is touched, and is recovered when it is not', async (_, content) => {
  await writeFile(lockFile(), content);
  await expect(lockDirectory(folder)).rejects.toThrow(locked);
  const old = new Date(Date.now() - 60_000);
  await utimes(lockFile(), old, old);
  await (await lockDirectory(folder)).release();
});

test('of many that find a dead or released lock at once, exactly one gets it', async () => {
  const kill = await holdElsewhere();
  await kill();
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => lockDirectory(folder)));
    const got = results.filter((r) => r.status === 'fulfilled');
    expect(got).toHaveLength(1);
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toEqual(locked);
    await got[0]!.value.release();
  }
});

test('of many processes in turn each gets it, and one file is left', async () => {
  for (let i = 0; i < 5; i++) await (await lockDirectory(folder)).release();
  expect(await readdir(folder)).toEqual(['store.lock.5']);
});

test('a lock that was outbid stays outbid, even when its holder comes back and releases it', async () => {
  const old = await lockDirectory(folder);
  // As a holder in another container does, when it seems dead.
  await writeFile(lockFile(2), '{"pid":1,"world":"elsewhere","started":"1","token":"t"}');
  await old.release();
  await expect(lockDirectory(folder)).rejects.toThrow(locked);
});

test('the embedded store opened twice is refused before it can come to harm', async () => {
  const data = await embeddedFolder();
  const first = await connectEmbedded(data);
  await expect(connectEmbedded(data)).rejects.toThrow(locked);
  await first.close();
  const again = await connectEmbedded(data);
  await again.close();
  await rm(data, { recursive: true, force: true });
});
