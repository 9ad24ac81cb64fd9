import type { SegmentKind } from '../domain/trace.ts';
import { invalidBody } from './caller-fields.ts';
import { readCalls } from './chat-message.ts';
import {
  addAnswer,
  addCall,
  addResult,
  addText,
  addUnreadable,
  calledTool,
  createDraft,
  type Draft,
  firstOf,
  isCutOff,
  markTruncated,
} from './draft.ts';
import { type Format, notText } from './format.ts';
import { asArray, asObject, asText, isObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { instantOf, readUsage } from './provider-fields.ts';

// Inspect's logs: one sample, or a log that holds one. Where reasoning is marked redacted its text may be ciphertext, so
// only the summary is read.

interface Reading {
  readonly draft: Draft;
  /** Texts that the log keeps once and refers to. */
  readonly attachments: Json;
  readonly attachmentsPath: string;
}

const REFERENCE = 'attachment://';

const add = (
  { draft, attachments, attachmentsPath }: Reading,
  kind: SegmentKind,
  value: unknown,
  at: string,
): boolean => {
  let text = value;
  let path = at;
  if (typeof value === 'string' && value.startsWith(REFERENCE)) {
    const key = value.slice(REFERENCE.length);
    if (/^\w{1,128}$/.test(key) && Object.hasOwn(attachments, key)) {
      text = attachments[key];
      path = `${attachmentsPath}/${key}`;
    }
  }
  return kind === 'answer' ? addAnswer(draft, text, path) : addText(draft, kind, text, path);
};

const readReasoning = (reading: Reading, part: Json, path: string): void => {
  const { draft } = reading;
  const redacted = part.redacted === true;
  const read = !redacted && add(reading, 'reasoning', part.reasoning, `${path}/reasoning`);
  const summarised = add(reading, 'reasoning_summary', part.summary, `${path}/summary`);
  if (redacted) addUnreadable(draft, 'redacted', asText(part.reasoning) === null ? path : `${path}/reasoning`);
  else if (!read && !summarised) addUnreadable(draft, 'omitted', path);
};

const readContent = (reading: Reading, kind: SegmentKind, message: Json, path: string): void => {
  const { draft } = reading;
  add(reading, kind, message.content, `${path}/content`);
  for (const [i, value] of asArray(message.content).entries()) {
    const at = `${path}/content/${i}`;
    const part = asObject(value);
    if (part?.type === 'reasoning') readReasoning(reading, part, at);
    else if (part?.type === 'tool_use') {
      addCall(draft, { name: part.name, id: part.id, input: firstOf(part, at, ['arguments']), path: at });
      const result = firstOf(part, at, ['result', 'error']);
      if (result !== null) addResult(draft, { id: part.id, value: result.value, path: result.path });
    } else add(reading, kind, part?.text, `${at}/text`);
  }
};

const kindOfRole = (role: unknown): SegmentKind => {
  if (role === 'assistant') return 'answer';
  if (role === 'tool') return 'tool_result';
  return role === 'system' || role === 'developer' ? 'system' : 'user';
};

const readMessage = (reading: Reading, message: Json, path: string): void => {
  const { draft } = reading;
  const from = draft.segments.length;
  const kind = kindOfRole(message.role);
  readContent(reading, kind, message, path);
  if (kind === 'answer') readCalls(draft, message, path);
  if (kind !== 'tool_result') return;
  addText(draft, kind, asObject(message.error)?.message, `${path}/error/message`);
  if (draft.segments.length === from) addResult(draft, { value: '', path });
  const name = mendName(message.function) ?? calledTool(draft, message.tool_call_id);
  for (const segment of draft.segments.slice(from)) segment.name = name;
};

const isSame = (a: Json, b: Json): boolean =>
  (typeof a.id === 'string' && a.id === b.id) || JSON.stringify(a.content) === JSON.stringify(b.content);

const readSample = (reading: Reading, sample: Json, path: string): void => {
  const { draft } = reading;
  let last: { readonly message: Json; readonly from: number } | null = null;
  const messages = asArray(sample.messages);
  if (messages.length === 0) addText(draft, 'user', sample.input, `${path}/input`);
  for (const [i, message] of messages.entries()) {
    if (!isObject(message)) continue;
    if (message.role === 'assistant') last = { message, from: draft.segments.length };
    readMessage(reading, message, `${path}/messages/${i}`);
  }
  // The output repeats the last message and may hold choices that were not taken.
  const output = asObject(sample.output);
  for (const [i, value] of asArray(output?.choices).entries()) {
    const choice = asObject(value);
    const message = asObject(choice?.message);
    if (choice === null || message === null) continue;
    let from = draft.segments.length;
    if (last !== null && isSame(message, last.message)) {
      from = last.from;
      draft.settled.add(message);
    } else readMessage(reading, { role: 'assistant', ...message }, `${path}/output/choices/${i}/message`);
    if (isCutOff(choice.stop_reason)) markTruncated(draft, from);
  }
  readUsage(draft, output?.usage, `${path}/output/usage`);
};

const isSample = (body: Json): boolean =>
  Array.isArray(body.messages) &&
  (Array.isArray(asObject(body.output)?.choices) || Object.hasOwn(body, 'epoch') || Object.hasOwn(body, 'scores'));

/** Inspect writes a model as `provider/name`. */
const nameModel = (draft: Draft, value: unknown): void => {
  const name = mendName(value) ?? '';
  const slash = name.indexOf('/');
  draft.model.provider = slash > 0 ? name.slice(0, slash) : null;
  draft.model.name = mendName(name.slice(slash + 1));
};

export const inspect: Format = {
  id: 'inspect',
  notText: notText(
    'attachments',
    'error',
    'eval',
    'events',
    'id',
    'input',
    'metadata',
    'plan',
    'results',
    'scores',
    'stats',
    'store',
    'target',
  ),
  detect: (body) => isObject(body) && ((Array.isArray(body.samples) && isObject(body.eval)) || isSample(body)),
  read: ({ body, path }) => {
    const draft = createDraft();
    const log = asObject(body) ?? {};
    const samples = asArray(log.samples);
    if (samples.length > 1) {
      throw invalidBody([{ path: `${path}/samples`, message: 'must hold one sample: post each sample on its own' }]);
    }
    const sample = asObject(samples[0]) ?? log;
    const at = sample === log ? path : `${path}/samples/0`;
    readSample(
      { draft, attachments: asObject(sample.attachments) ?? {}, attachmentsPath: `${at}/attachments` },
      sample,
      at,
    );
    const about = asObject(log.eval);
    draft.responseId = mendName(sample.uuid);
    nameModel(draft, about?.model ?? asObject(sample.output)?.model);
    draft.occurredAt = instantOf(sample.started_at ?? about?.created);
    return draft;
  },
};
