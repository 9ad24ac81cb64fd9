import { CodedError } from '../../domain/errors.ts';
import type { UnreadField } from '../../domain/trace.ts';
import type { Draft } from '../draft.ts';
import { isObject } from '../json.ts';
import { looksLikeEventStream, type Reassembly, reassemble } from './reassemble.ts';

/** What was posted, with a recorded stream replaced by the response that it came to. */
export interface Recorded {
  readonly payload: unknown;
  /** JSON pointers into `payload` of what was never finished. */
  readonly open: readonly string[];
  readonly unread: readonly UnreadField[];
}

const placed = ({ open, unread }: Reassembly, path: string): Omit<Recorded, 'payload'> => ({
  open: open.map((pointer) => path + pointer),
  unread: unread.map((field) => ({ ...field, path: path + field.path })),
});

/**
 * Reads a recorded stream, posted as it is or as the text of `response` beside its request; anything else is let be.
 * Throws `invalid_body`, `too_deep`, `undetected_format`.
 */
export const openRecorded = (payload: unknown, media: 'event-stream' | 'assembled' | undefined): Recorded => {
  if (media === 'assembled') {
    const whole = payload as Reassembly;
    return { payload: whole.body, ...placed(whole, '') };
  }
  if (media === 'event-stream') {
    if (typeof payload !== 'string') throw new CodedError('invalid_body', 'An event stream must be text.');
    const whole = reassemble(payload);
    return { payload: whole.body, ...placed(whole, '') };
  }
  if (isObject(payload) && typeof payload.response === 'string' && looksLikeEventStream(payload.response)) {
    const whole = reassemble(payload.response);
    return { payload: { ...payload, response: whole.body }, ...placed(whole, '/response') };
  }
  return { payload, open: [], unread: [] };
};

const CUTTABLE: ReadonlySet<string> = new Set(['reasoning', 'reasoning_summary', 'answer', 'tool_call']);

/**
 * Marks the last thing of what was never finished as cut off. Where nothing had come yet, or nothing that could be read,
 * an empty segment says that something was to come.
 */
export const markOpen = (draft: Draft, open: readonly string[]): void => {
  for (const pointer of open) {
    const inside = draft.segments
      .slice(draft.responseFrom)
      .filter(({ at, kind }) => CUTTABLE.has(kind) && (at === pointer || at.startsWith(`${pointer}/`)));
    if (inside.some(({ coverage }) => coverage === 'truncated')) continue;
    const last = inside.findLast(({ coverage }) => coverage === 'full');
    if (last !== undefined) last.coverage = 'truncated';
    else {
      draft.segments.push({
        kind: inside.length === 0 ? 'reasoning' : 'answer',
        name: null,
        text: '',
        at: pointer,
        sourcePath: pointer,
        coverage: 'truncated',
      });
    }
  }
};
