import { CodedError } from '../domain/errors.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { bedrockConverse } from './bedrock-converse.ts';
import { canonical } from './canonical.ts';
import type { Format } from './format.ts';
import { gemini } from './gemini.ts';
import { geminiInteractions } from './gemini-interactions.ts';
import { inspect } from './inspect.ts';
import { langfuse } from './langfuse.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { openinference } from './openinference.ts';
import { otelGenai } from './otel-genai.ts';
import { shortForm } from './short-form.ts';

/** Every format, in the order in which a payload is tried against them. */
export const FORMATS: readonly Format[] = Object.freeze([
  canonical,
  openaiChat,
  openaiResponses,
  anthropicMessages,
  bedrockConverse,
  gemini,
  geminiInteractions,
  inspect,
  otelGenai,
  openinference,
  langfuse,
  shortForm,
]);

export const FORMAT_IDS: readonly string[] = FORMATS.map((format) => format.id);

const detect = (body: unknown): Format | undefined => FORMATS.find((format) => format.detect(body));

/**
 * The format to read a body with: the declared one, or the one whose shape it has. A body of another format than the
 * declared one is refused; one of no known shape is read as declared, since servers leave things out. Throws
 * `unknown_format`, `format_mismatch`, `undetected_format`.
 */
export const chooseFormat = (body: unknown, declared: string | undefined): Format => {
  if (declared === undefined) {
    const found = detect(body);
    if (found !== undefined) return found;
    throw new CodedError('undetected_format', `The payload has the shape of none of: ${FORMAT_IDS.join(', ')}.`);
  }
  const format = FORMATS.find(({ id }) => id === declared);
  if (format === undefined) {
    throw new CodedError('unknown_format', `The formats are: ${FORMAT_IDS.join(', ')}.`);
  }
  if (format.detect(body)) return format;
  const found = detect(body);
  if (found === undefined) return format;
  // The short form is the canonical body's own abbreviation.
  if (format === canonical && found === shortForm) return shortForm;
  throw new CodedError('format_mismatch', `The payload was declared as ${format.id} and has the shape of ${found.id}.`);
};
