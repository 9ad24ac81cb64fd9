import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/ids.ts';
import { type HeadFile, headFileSchema } from './head.ts';
import { readVocabulary, type Vocabulary } from './wordpiece.ts';

// Reads a model's folder: encoder, vocabulary, head. Each file must be the one the head was trained with, byte for byte:
// a vocabulary or encoder that merely looks right would give scores that mean nothing.

export const SHIPPED_MODEL: string = join(import.meta.dirname, 'model');

const ENCODER = 'encoder.int8.onnx';
const VOCABULARY = 'vocab.txt';
const HEAD = 'head.json';

export interface Model {
  readonly head: HeadFile;
  readonly vocabulary: Vocabulary;
  /** The encoder's bytes, checked. Hand them over and drop the model: they are 20 MB. */
  readonly encoder: Uint8Array;
  /** Lower-case hex SHA-256 of the head file, which names the hashes of the others: equal hash, equal scores. */
  readonly hash: string;
}

const invalid = (path: string, what: string, cause?: unknown): CodedError =>
  new CodedError('invalid_config', `${path}: ${what}`, cause === undefined ? {} : { cause });

const read = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw invalid(path, 'the file cannot be read', cause);
  }
};

const readHead = (path: string, bytes: Buffer): HeadFile => {
  let source: unknown;
  try {
    source = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(path, 'this is not JSON', cause);
  }
  const parsed = headFileSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((i) => ({ path: `/${i.path.join('/')}`, message: i.message }));
  const shown = errors.map((e) => `${e.path} ${e.message}`).join('; ');
  throw new CodedError('invalid_config', `${path}: ${shown}`, { errors });
};

const readChecked = (folder: string, name: keyof HeadFile['files'], { files }: HeadFile): Buffer => {
  const path = join(folder, name);
  const bytes = read(path);
  const expected = files[name];
  if (bytes.length !== expected.bytes) {
    throw invalid(path, `the file has ${bytes.length} bytes, and ${HEAD} says ${expected.bytes}`);
  }
  if (sha256(bytes) !== expected.sha256) throw invalid(path, `the SHA-256 is not the one that ${HEAD} gives`);
  return bytes;
};

/** @throws CodedError `invalid_config` naming the file and what is wrong with it */
export const loadModel = (folder: string): Model => {
  const path = join(folder, HEAD);
  const source = read(path);
  const head = readHead(path, source);
  const encoder = readChecked(folder, ENCODER, head);
  const vocabulary = readVocabulary(readChecked(folder, VOCABULARY, head).toString('utf8'));
  if (vocabulary === undefined) {
    throw invalid(join(folder, VOCABULARY), 'an entry stands twice, or [UNK], [CLS] or [SEP] lacks');
  }
  return { head, vocabulary, encoder, hash: sha256(source) };
};
