import fc, { type Arbitrary } from 'fast-check';

// Payloads of every format, of any size and mixture. Where the format says that text stands, the payload has a Leaf;
// `plant` puts hostile text with a mark of its own there, so that a test can ask what became of each.

class Leaf {
  readonly hostile: string;
  readonly kind: 'text' | 'sealed';

  constructor(hostile: string, kind: 'text' | 'sealed') {
    this.hostile = hostile;
    this.kind = kind;
  }
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    'x\udc00',
    '</think>',
    '<think>',
    '<think><think>',
    '"',
    '\\',
    '__proto__',
    '{"a":',
  ),
  fc.constant('long '.repeat(60)),
);

export const text: Arbitrary<unknown> = hostile.map((value) => new Leaf(value, 'text'));
export const sealed: Arbitrary<unknown> = fc.constant(new Leaf('c2Vh'.repeat(60), 'sealed'));
export const id = fc.string({ unit: 'grapheme', maxLength: 6 });
export const list = (item: Arbitrary<unknown>) => fc.array(item, { maxLength: 4 });
export const args = fc.oneof(text, fc.record({ '': text, 'a/b~c': fc.record({ deep: text }) }));
export const some = (fields: { readonly [key: string]: Arbitrary<unknown> }, ...required: readonly string[]) =>
  fc.record(fields, { requiredKeys: [...required] });

export const wrapped = (request: Arbitrary<unknown>, response: Arbitrary<unknown>) =>
  fc.oneof(response, fc.record({ request, response }));

export interface Planted {
  readonly payload: unknown;
  /** Marks of text that must be read. */
  readonly texts: readonly string[];
  /** Marks of ciphertext, which must not. */
  readonly sealed: readonly string[];
}

/** Replaces every Leaf by its hostile text with a mark in the middle. */
export const plant = (template: unknown): Planted => {
  const marks = { text: [] as string[], sealed: [] as string[] };
  const walk = (value: unknown): unknown => {
    if (value instanceof Leaf) {
      const mark = `«mark${marks.text.length + marks.sealed.length}»`;
      marks[value.kind].push(mark);
      return `${value.hostile}${mark}${value.hostile}`;
    }
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return { payload: walk(template), texts: marks.text, sealed: marks.sealed };
};

/** Dotted keys for nested values, as OpenInference's exporters send them. */
export const flatten = (value: unknown, prefix = ''): { readonly [key: string]: unknown } => {
  const flat: { [key: string]: unknown } = {};
  for (const [key, inner] of Object.entries(value as object)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof inner === 'object' && inner !== null) Object.assign(flat, flatten(inner, name));
    else flat[name] = inner;
  }
  return flat;
};

const parts = list(fc.oneof(some({ type: fc.constant('text'), text }, 'type', 'text'), fc.record({ refusal: text })));
/** Of a chat message: text, parts, or nothing. */
export const content = fc.oneof(text, parts, fc.constant(null));
