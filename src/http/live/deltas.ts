import { CodedError } from '../../domain/errors.ts';
import { SEGMENT_KINDS, type SegmentKind } from '../../domain/trace.ts';
import type { Submission } from '../../pipeline.ts';

// Our own deltas: what grows which segment, one JSON object a line. What is wrong with a line is said and the stream goes
// on; but a line that could not be read is text that was lost, so the verdict will not say that it saw all.

/** Most segments of one stream. */
const MAX_SEGMENTS = 1_000;

interface Growing {
  readonly kind: SegmentKind;
  readonly name: string | undefined;
  readonly pieces: string[];
  closed: boolean;
}

export interface Deltas {
  /** Takes one parsed line. Throws `invalid_body`, having kept what text could be placed. */
  push(line: unknown): void;
  /** Says that a line was lost. */
  lose(): void;
  /** What to submit of all that came. `cut`: the stream did not end as its sender meant it to. */
  finish(cut: boolean): Pick<Submission, 'payload' | 'format'>;
}

type Json = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isKind = (value: unknown): value is SegmentKind => (SEGMENT_KINDS as readonly unknown[]).includes(value);

const invalid = (path: string, message: string): CodedError =>
  new CodedError('invalid_body', 'The line does not have the expected shape.', { errors: [{ path, message }] });

/** @param onText told of text as it comes */
export const createDeltas = (onText: (key: string, kind: SegmentKind, text: string) => void): Deltas => {
  const segments = new Map<number, Growing>();
  let about: Json = {};
  let lost = false;

  /** A line is lost where its text has no place; then the trace is not whole. */
  const refuse = (path: string, message: string): CodedError => {
    lost = true;
    return invalid(path, message);
  };

  const segmentAt = (index: number, line: Json): Growing => {
    const known = segments.get(index);
    if (known !== undefined) return known;
    if (!isKind(line.kind)) throw refuse('/kind', `must be one of ${SEGMENT_KINDS.join(', ')}`);
    if (segments.size >= MAX_SEGMENTS) throw refuse('/segment', `must not be one of more than ${MAX_SEGMENTS}`);
    const name = typeof line.name === 'string' ? line.name : undefined;
    const fresh = { kind: line.kind, name, pieces: [], closed: false };
    segments.set(index, fresh);
    return fresh;
  };

  return {
    push: (line) => {
      if (!isObject(line)) throw refuse('', 'must be an object');
      if (isObject(line.trace)) {
        about = { ...about, ...line.trace };
        return;
      }
      const { segment: index, text = '', end } = line;
      if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) {
        throw refuse('/segment', 'must be a whole number from 0');
      }
      if (typeof text !== 'string') throw refuse('/text', 'must be a string');
      const segment = segmentAt(index, line);
      const late = segment.closed && text !== '';
      segment.closed ||= end === true;
      if (text !== '') {
        segment.pieces.push(text);
        onText(String(index), segment.kind, text);
      }
      if (late) throw invalid('/segment', 'was closed before; its text was read all the same');
    },
    lose: () => {
      lost = true;
    },
    finish: (cut) => {
      const { segments: _, id, ...rest } = about;
      const whole = !cut && !lost;
      const ordered = [...segments].sort(([a], [b]) => a - b).map(([, segment]) => segment);
      const open = ordered.findLast(({ closed }) => !closed) ?? ordered.at(-1);
      const labels = isObject(rest.labels) ? rest.labels : {};
      return {
        format: 'canonical',
        payload: {
          ...rest,
          // The id stays free for the whole trace, should it be sent again.
          ...(id === undefined || id === null ? {} : whole ? { id } : { labels: { ...labels, partialOf: id } }),
          segments: ordered.map((segment) => ({
            kind: segment.kind,
            text: segment.pieces.join(''),
            ...(segment.name === undefined ? {} : { name: segment.name }),
            ...(!whole && segment === open ? { coverage: 'truncated' } : {}),
          })),
        },
      };
    },
  };
};
