import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, utimesSync } from 'node:fs';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../domain/errors.ts';

// Opening the embedded store twice corrupts it, so whoever opens it holds a lock file. A holder that was killed leaves
// its file behind. Where its process can be looked up, it is: by pid and start time, as pids are used again (in a container
// every process is number 1). Where it cannot (another container on the same volume), the file's age tells: a live holder
// touches it.

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

const FILE = 'store.lock';
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

const isAlive = async (holder: Holder | null, path: string): Promise<boolean> => {
  // Unreadable or of another world: only its age can tell.
  if (holder === null || holder.world !== worldOf()) {
    const file = await stat(path).catch(() => null);
    return file !== null && Date.now() - file.mtimeMs < FRESH_MS;
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

/** Takes a dead holder's file away. Two may try at once: whoever finds that it took a newcomer's file puts it back. */
const clear = async (path: string, dead: string): Promise<void> => {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== dead) {
    await link(aside, path).catch(() => {});
    await rm(aside, { force: true });
    throw locked();
  }
  await rm(aside, { force: true });
};

/** @throws CodedError `store_locked` where a living process holds the folder. */
export const lockDirectory = async (directory: string): Promise<DirectoryLock> => {
  const path = join(directory, FILE);
  const token = randomUUID();
  const mine: Holder = { pid: process.pid, world: worldOf(), started: startOf(process.pid), token };
  const content = JSON.stringify(mine);
  held.add(token);
  try {
    if (!(await place(path, content))) {
      const other = await readFile(path, 'utf8').catch(() => '');
      if (await isAlive(parseHolder(other), path)) throw locked();
      await clear(path, other);
      if (!(await place(path, content))) throw locked();
    }
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
      if ((await readFile(path, 'utf8').catch(() => '')) === content) await rm(path, { force: true });
    },
  };
};
