import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, utimesSync } from 'node:fs';
import { link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../domain/errors.ts';

// Opening the embedded store twice corrupts it, so whoever opens it holds a lock. A holder that was killed leaves its lock
// behind. Where its process can be looked up, it is: by pid and start time, as pids are used again (in a container every
// process is number 1). Where it cannot (another container on the same volume), the file's age tells: a live holder
// touches it.
//
// Locks are numbered, and the highest number is the lock. A dead or released one is not taken away, which two could do
// at once, but outbid by the next number, which one alone can create. The highest is never deleted, so numbers only rise.

export interface DirectoryLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Host boot and pid namespace: where `pid` means something. Null where the platform does not say. */
  readonly world: string | null;
  /** When the process started, in the platform's own measure. */
  readonly started: string | null;
  /** Tells two holders of one process apart. */
  readonly token: string;
}

const NAME = /^store\.lock\.(\d{1,15})$/;
const RELEASED = 'released';
const TOUCH_MS = 2_000;
const FRESH_MS = 15_000;

const attempt = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

const worldOf = (): string | null =>
  attempt(
    () => `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`,
  );

/** Field 22 of stat; the command's name before it stands in brackets and may hold anything. */
const startOf = (pid: number): string | null =>
  attempt(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  });

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** What this process holds: its own pid in a file proves nothing after a restart in a container. */
const held = new Set<string>();

const parseHolder = (text: string): Holder | null =>
  attempt(() => {
    const holder: unknown = JSON.parse(text);
    return typeof holder === 'object' && holder !== null && Number.isInteger((holder as Holder).pid)
      ? (holder as Holder)
      : null;
  });

const isHeld = async (path: string): Promise<boolean> => {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === RELEASED) return false;
  // Gone: then somebody has outbid it a moment ago.
  if (text === null) return true;
  const holder = parseHolder(text);
  // Unreadable or of another world: only its age can tell.
  if (holder === null || holder.world !== worldOf()) {
    const file = await stat(path).catch(() => null);
    return file === null || Date.now() - file.mtimeMs < FRESH_MS;
  }
  if (holder.pid === process.pid) return held.has(holder.token);
  return isRunning(holder.pid) && (holder.started === null || startOf(holder.pid) === holder.started);
};

const locked = (): CodedError => new CodedError('store_locked', 'Another process holds the embedded store.');

/** Complete before it appears under its name: nobody ever reads half a lock. False where there is one already. */
const place = async (path: string, content: string): Promise<boolean> => {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
};

const numbersIn = async (directory: string): Promise<number[]> =>
  (await readdir(directory))
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);

/** Resolves to the path of the lock that was taken. */
const outbid = async (directory: string, content: string): Promise<string> => {
  const pathOf = (number: number): string => join(directory, `store.lock.${number}`);
  const latest = (await numbersIn(directory)).at(-1) ?? 0;
  if (latest > 0 && (await isHeld(pathOf(latest)))) throw locked();
  const path = pathOf(latest + 1);
  if (!(await place(path, content))) throw locked();
  const numbers = await numbersIn(directory);
  if (numbers.at(-1) !== latest + 1) {
    // We were slow: our number was taken, released, outbid and deleted since we looked.
    await rm(path, { force: true });
    throw locked();
  }
  for (const number of numbers.slice(0, -1)) await rm(pathOf(number), { force: true });
  return path;
};

/** @throws CodedError `store_locked` where a living process holds the folder. */
export const lockDirectory = async (directory: string): Promise<DirectoryLock> => {
  const token = randomUUID();
  const holder: Holder = { pid: process.pid, world: worldOf(), started: startOf(process.pid), token };
  held.add(token);
  let path: string;
  try {
    path = await outbid(directory, JSON.stringify(holder));
  } catch (error) {
    held.delete(token);
    throw error;
  }
  const touch = setInterval(() => attempt(() => utimesSync(path, new Date(), new Date())), TOUCH_MS);
  touch.unref();
  return {
    release: async () => {
      clearInterval(touch);
      held.delete(token);
      const draft = `${path}.${randomUUID()}`;
      await writeFile(draft, RELEASED, { mode: 0o600 });
      await rename(draft, path);
    },
  };
};
