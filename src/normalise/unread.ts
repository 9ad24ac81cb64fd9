import type { UnreadField } from '../domain/trace.ts';
import type { Draft } from './draft.ts';
import { pointerToken } from './json.ts';
import { mendPointer } from './names.ts';

// Long text that no reader took: the sign that a server renamed a field. It is reported, never guessed at.

/** Shorter text under an unknown key is an id, a status, a fingerprint. UTF-16 code units. */
const LONG_TEXT = 200;

/** Entries kept of one trace: enough to notice a rename. */
export const MAX_UNREAD = 32;

interface Walk {
  readonly known: ReadonlySet<string>;
  /** Long texts of segments. Made when first asked for: hashing them costs as much as the rest of the walk. */
  readonly texts: () => ReadonlySet<string>;
  readonly settled: ReadonlySet<object>;
  readonly notText: ReadonlySet<string>;
  readonly keys: (string | number)[];
  readonly found: UnreadField[];
  /** Where a string of JSON stood: its inside cannot be pointed at from outside. */
  readonly inside: string | null;
  readonly base: string;
}

const pointerOf = (walk: Walk): string => {
  let pointer = walk.base;
  for (const key of walk.keys) pointer += `/${typeof key === 'number' ? key : pointerToken(key)}`;
  return pointer;
};

const lookAt = (walk: Walk, text: string): void => {
  const pointer = pointerOf(walk);
  if (walk.known.has(pointer) || walk.texts().has(text)) return;
  walk.found.push({ path: mendPointer(walk.inside ?? pointer), bytes: Buffer.byteLength(text) });
};

/** Recursion is bounded: payloads nested deeper than MAX_DEPTH were refused before. */
const visit = (walk: Walk, key: string | number, value: unknown): void => {
  if (walk.found.length >= MAX_UNREAD) return;
  if (typeof value === 'string') {
    if (value.length < LONG_TEXT) return;
    walk.keys.push(key);
    lookAt(walk, value);
    walk.keys.pop();
  } else if (typeof value === 'object' && value !== null) {
    walk.keys.push(key);
    descend(walk, value);
    walk.keys.pop();
  }
};

const descend = (walk: Walk, value: object): void => {
  if (walk.settled.has(value)) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) visit(walk, i, value[i]);
    return;
  }
  const object = value as { readonly [key: string]: unknown };
  for (const key in object) if (!walk.notText.has(key)) visit(walk, key, object[key]);
};

/** Finds text of 200 or more code units that is in no segment, in the order of the payload; at most 32 entries. */
export const findUnread = (payload: object, draft: Draft, notText: ReadonlySet<string>): readonly UnreadField[] => {
  const known = new Set(draft.known);
  for (const segment of draft.segments) known.add(segment.at);
  for (const { path } of draft.parsed) known.add(path);
  const found: UnreadField[] = [];
  let made: ReadonlySet<string> | null = null;
  const texts = (): ReadonlySet<string> => {
    made ??= new Set(draft.segments.map(({ text }) => text).filter(({ length }) => length >= LONG_TEXT));
    return made;
  };
  const walk = { known, texts, settled: draft.settled, notText, keys: [], found };
  descend({ ...walk, inside: null, base: '' }, payload);
  for (const { value, path } of draft.parsed) {
    if (typeof value === 'object' && value !== null) descend({ ...walk, inside: path, base: path }, value);
  }
  return found;
};
