import { z } from 'zod';
import { applyCallerFields, callerFields, parseBody } from './caller-fields.ts';
import { addAnswer, addText, createDraft } from './draft.ts';
import { type Format, notText } from './format.ts';
import { isObject } from './json.ts';

// `{prompt, reasoning, output}`: what people have who kept only the three texts. Think tags in the output are read as
// such, since the output of many servers holds the reasoning too.

const text = z.string('must be a string').nullish();

const bodySchema = z.object({ ...callerFields, system: text, prompt: text, reasoning: text, output: text });

/** Keys of formats that have an `output` of their own. */
const OTHERS = ['segments', 'choices', 'input', 'messages'];

export const shortForm: Format = {
  id: 'short',
  notText: notText(),
  detect: (body) => {
    if (!isObject(body) || OTHERS.some((key) => Object.hasOwn(body, key))) return false;
    if (typeof body.reasoning === 'string' || typeof body.output === 'string') return true;
    // Wrong types are told apart from other formats by `prompt`, so that they are refused by name.
    return Object.hasOwn(body, 'prompt') && (Object.hasOwn(body, 'reasoning') || Object.hasOwn(body, 'output'));
  },
  read: ({ body, path }) => {
    const parsed = parseBody(bodySchema, body, path);
    const draft = createDraft();
    applyCallerFields(draft, parsed, path);
    addText(draft, 'system', parsed.system, `${path}/system`);
    addText(draft, 'user', parsed.prompt, `${path}/prompt`);
    addText(draft, 'reasoning', parsed.reasoning, `${path}/reasoning`);
    addAnswer(draft, parsed.output, `${path}/output`);
    return draft;
  },
};
