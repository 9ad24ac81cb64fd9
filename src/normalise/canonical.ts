import { z } from 'zod';
import { SEGMENT_COVERAGES, SEGMENT_KINDS } from '../domain/trace.ts';
import { applyCallerFields, callerFields, invalidBody, parseBody } from './caller-fields.ts';
import { addText, addUnreadable, createDraft, type Draft } from './draft.ts';
import { type Format, notText } from './format.ts';
import { isObject } from './json.ts';
import { nameSchema } from './names.ts';

// The monitor's own body: segments with their kinds said outright, so nothing is guessed here, and think tags are text.

const segmentSchema = z.object(
  {
    kind: z.enum(SEGMENT_KINDS, `must be one of ${SEGMENT_KINDS.join(', ')}`),
    text: z.string('must be a string').nullish(),
    name: nameSchema(true).nullish(),
    coverage: z.enum(SEGMENT_COVERAGES, `must be one of ${SEGMENT_COVERAGES.join(', ')}`).nullish(),
  },
  'must be an object',
);

const bodySchema = z.object({ ...callerFields, segments: z.array(segmentSchema, 'must be an array') });

type CanonicalSegment = z.output<typeof segmentSchema>;

const MAX_ERRORS = 20;

const isReadable = ({ coverage }: CanonicalSegment): boolean =>
  coverage === undefined || coverage === null || coverage === 'full' || coverage === 'truncated';

const addSegment = (draft: Draft, segment: CanonicalSegment, path: string): void => {
  const { kind, text, coverage } = segment;
  const at = text === undefined || text === null ? path : `${path}/text`;
  if (coverage === 'redacted' || coverage === 'encrypted' || coverage === 'omitted') {
    addUnreadable(draft, coverage, at, kind);
  } else if (addText(draft, kind, text, at)) {
    draft.segments.at(-1)!.coverage = coverage ?? 'full';
  } else if (kind === 'reasoning' || kind === 'reasoning_summary') {
    // Empty reasoning was not read by anyone: saying `full` would let the trace pass as assessed.
    addUnreadable(draft, 'omitted', at, kind);
  } else {
    draft.segments.push({ kind, name: null, text: text ?? '', at, sourcePath: at, coverage: coverage ?? 'full' });
  }
  if (segment.name) draft.segments.at(-1)!.name = segment.name;
};

export const canonical: Format = {
  id: 'canonical',
  notText: notText(),
  detect: (body) => isObject(body) && Object.hasOwn(body, 'segments'),
  read: ({ body, path }) => {
    const parsed = parseBody(bodySchema, body, path);
    const errors = [];
    for (const [i, segment] of parsed.segments.entries()) {
      if (errors.length < MAX_ERRORS && isReadable(segment) && typeof segment.text !== 'string') {
        errors.push({ path: `${path}/segments/${i}/text`, message: 'must be a string' });
      }
    }
    if (errors.length > 0) throw invalidBody(errors);
    const draft = createDraft();
    applyCallerFields(draft, parsed, path);
    for (const [i, segment] of parsed.segments.entries()) addSegment(draft, segment, `${path}/segments/${i}`);
    return draft;
  },
};
