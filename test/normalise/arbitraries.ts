import fc, { type Arbitrary } from 'fast-check';
import { list, some, text } from './arbitraries/leaves.ts';
import { inspect, langfuse, openinference, otel } from './arbitraries/logs.ts';
import {
  anthropic,
  bedrock,
  gemini,
  geminiInteractions,
  openaiChat,
  openaiResponses,
} from './arbitraries/providers.ts';

const canonical = fc.record({
  segments: list(fc.record({ kind: fc.constantFrom('user', 'reasoning', 'answer', 'tool_call'), text })),
});

const short = some({ prompt: text, reasoning: text, output: text }, 'output');

/** One arbitrary for each format id. */
export const PAYLOADS: Readonly<Record<string, Arbitrary<unknown>>> = {
  canonical,
  short,
  'openai.chat': openaiChat,
  'openai.responses': openaiResponses,
  'anthropic.messages': anthropic,
  'bedrock.converse': bedrock,
  gemini,
  'gemini.interactions': geminiInteractions,
  inspect,
  'otel.genai': otel,
  openinference,
  langfuse,
};
