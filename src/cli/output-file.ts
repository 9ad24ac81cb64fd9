import { type FileHandle, open, stat } from 'node:fs/promises';
import { CodedError } from '../domain/errors.ts';
import { printable } from './terminal.ts';
import { sizeOf } from './trace-files.ts';

// What a command writes beside the terminal. Opened before the work starts, so that an hour's run does not end in a
// path that cannot be written.

export interface OutputFile {
  /** Appends. @throws CodedError `unwritable_output` where the disk is full or gone */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

const refuse = (path: string, why: string, cause?: unknown): CodedError =>
  new CodedError('unwritable_output', `${printable(path)} cannot be written (${why})`, { cause });

const reasonOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'unknown';

/** Whether two paths lead to one file: writing to what is being read would destroy it. */
const isSame = async (a: string, b: string): Promise<boolean> => {
  const [first, second] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)));
  if (first === undefined || second === undefined) return false;
  return first.isFile() && first.ino === second.ino && first.dev === second.dev;
};

/**
 * Empties the file (or goes on at its end) or makes it; not where an input cannot be read, since then the run cannot start.
 * @param inputs files that the command reads
 * @throws CodedError `unreadable_input` where an input is not there, `unwritable_output` where the path cannot be written, or is one of the inputs
 */
export const openOutput = async (
  path: string,
  inputs: readonly string[] = [],
  how: 'empty' | 'append' = 'empty',
): Promise<OutputFile> => {
  await sizeOf(inputs);
  for (const input of inputs) if (await isSame(path, input)) throw refuse(path, 'it is one of the inputs');
  let handle: FileHandle;
  try {
    handle = await open(path, how === 'append' ? 'a' : 'w');
  } catch (cause) {
    throw refuse(path, reasonOf(cause), cause);
  }
  return {
    write: async (text) => {
      try {
        await handle.appendFile(text);
      } catch (cause) {
        throw refuse(path, reasonOf(cause), cause);
      }
    },
    close: () => handle.close(),
  };
};

/** The same for an option that may be absent. */
export const openOptional = async (
  path: string | undefined,
  inputs: readonly string[] = [],
): Promise<OutputFile | undefined> => (path === undefined ? undefined : openOutput(path, inputs));
