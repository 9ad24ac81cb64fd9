import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../domain/errors.ts';
import { printable } from './terminal.ts';

// Vectors on disk, so that an evaluation that was stopped goes on where it was, and the next one reads no text at all.
// One line a trace, appended once it is whole; a line that was cut is computed again. Vectors tell much about a text: the
// folder is as private as the data.

interface CachedBag {
  readonly vectors: Float32Array;
  readonly weights: readonly number[];
}

/** Null: the trace has nothing that the encoder reads. */
type Entry = CachedBag | null;

export interface VectorCache {
  /** Undefined where it is not known. */
  get(key: string): Entry | undefined;
  put(key: string, bag: Entry): void;
}

const parse = (line: string): readonly [string, Entry] | undefined => {
  try {
    const { key, weights, vectors } = JSON.parse(line) as { key: string; weights?: number[]; vectors?: string };
    if (weights === undefined || vectors === undefined) return [key, null];
    const bytes = Buffer.from(vectors, 'base64');
    return [key, { weights, vectors: new Float32Array(new Uint8Array(bytes).buffer) }];
  } catch {
    return undefined;
  }
};

/** Nothing is kept on disk. */
export const createMemoryCache = (): VectorCache => {
  const known = new Map<string, Entry>();
  return { get: (key) => known.get(key), put: (key, bag) => void known.set(key, bag) };
};

/**
 * @param version of the model and of how it reads: another one is another file
 * @throws CodedError `invalid_config` where the folder cannot be used
 */
export const openVectorCache = (folder: string, version: string): VectorCache => {
  const memory = createMemoryCache();
  const path = join(folder, `vectors-${version}.ndjson`);
  try {
    mkdirSync(folder, { recursive: true });
    if (existsSync(path)) {
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        const entry = parse(line);
        if (entry !== undefined) memory.put(...entry);
      }
    }
    // A line of its own behind one that was cut.
    appendFileSync(path, '\n');
  } catch (cause) {
    throw new CodedError('invalid_config', `${printable(folder)} cannot hold vectors`, { cause });
  }
  return {
    get: memory.get,
    put: (key, bag) => {
      memory.put(key, bag);
      const { buffer, byteOffset, byteLength } = bag?.vectors ?? new Float32Array();
      const vectors = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
      appendFileSync(path, `${JSON.stringify(bag === null ? { key } : { key, weights: bag.weights, vectors })}\n`);
    },
  };
};
