import { asText, isObject, type Json } from '../json.ts';

// Deltas of Chat Completions say no more than "add this to what you have". How to add follows from what stands there:
// text grows, names stay, lists grow by index. Unknown keys grow like any other, so that text under a renamed key is
// whole when it is reported.

/** A response in the making. Without a prototype, so that a key named `__proto__` is a key like any other. */
export type Growing = { [key: string]: unknown };

export const growing = (): Growing => Object.create(null) as Growing;

/** Told in full by whichever chunk tells them; some servers repeat them in every chunk. */
const FIXED = new Set(['id', 'type', 'role', 'name', 'index', 'format', 'object', 'model', 'finish_reason', 'call_id']);

/** Puts a copy of `delta` into `target`. Recursion is bounded: events nested deeper than MAX_DEPTH were refused. */
export const mergeDelta = (target: Growing, delta: Json): void => {
  for (const key of Object.keys(delta)) {
    const merged = mergeValue(target[key], delta[key], FIXED.has(key));
    if (merged !== undefined) target[key] = merged;
  }
};

const mergeValue = (present: unknown, value: unknown, fixed: boolean): unknown => {
  if (value === null || value === undefined) return present === undefined ? value : present;
  if (typeof value === 'string') return mergeText(present, value, fixed);
  if (Array.isArray(value)) return mergeList(present, value);
  if (isObject(value)) {
    const target = isObject(present) ? (present as Growing) : growing();
    mergeDelta(target, value);
    return target;
  }
  return value;
};

const mergeText = (present: unknown, text: string, fixed: boolean): unknown => {
  if (Array.isArray(present)) return mergeList(present, [textPart(text)]);
  if (typeof present !== 'string' || present === '') return text;
  return fixed ? present : present + text;
};

const textPart = (text: string): Growing => Object.assign(growing(), { type: 'text', text });

const mergeList = (present: unknown, items: readonly unknown[]): unknown[] => {
  // Content may begin as a string and go on in parts.
  const list = Array.isArray(present) ? present : asText(present) === null ? [] : [textPart(String(present))];
  for (const item of items) {
    if (!isObject(item)) {
      list.push(item);
      continue;
    }
    const place = placeOf(list, item);
    if (place !== undefined) {
      mergeDelta(place, item);
      continue;
    }
    const fresh = growing();
    mergeDelta(fresh, item);
    list.push(fresh);
  }
  return list;
};

/** The item that another one continues: that of its index, or the last one if it is of the same type and still open. */
const placeOf = (list: readonly unknown[], item: Json): Growing | undefined => {
  const last = list.at(-1);
  if (typeof item.index === 'number') {
    // Nearly always the last one; only interleaved lists are searched.
    const same = (other: unknown): other is Growing => isObject(other) && other.index === item.index;
    if (same(last) && agrees(last, item)) return last;
    return list.findLast((other): other is Growing => same(other) && agrees(other, item));
  }
  if (!isObject(last) || last.index !== undefined || last.type !== item.type || item.type === undefined)
    return undefined;
  return isSealed(last) || startsAnother(last, item) ? undefined : (last as Growing);
};

/** One index may hold text and, beside it, its ciphertext (OpenRouter). */
const agrees = (other: Json, item: Json): boolean =>
  other.type === undefined || item.type === undefined || other.type === item.type;

/** A signature is the last thing that is said of a thought; ciphertext comes in one piece. */
const isSealed = (item: Json): boolean => asText(item.signature) !== null || asText(item.data) !== null;

const startsAnother = (last: Json, item: Json): boolean =>
  asText(item.id) !== null && asText(last.id) !== null && item.id !== last.id;
