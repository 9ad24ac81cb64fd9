import { createParser } from 'eventsource-parser';
import { CodedError } from '../../domain/errors.ts';
import { nestsDeeperThan } from '../../domain/json-bytes.ts';
import { MAX_DEPTH } from '../../domain/limits.ts';
import type { UnreadField } from '../../domain/trace.ts';
import { asText, isObject, type Json, parseJson } from '../json.ts';
import { anthropicMessagesStream } from './anthropic-messages.ts';
import type { Assembled, Assembler, OnText, StreamFormat } from './contract.ts';
import { openaiChatStream } from './openai-chat.ts';
import { openaiResponsesStream } from './openai-responses.ts';

// A provider's event stream, put together into the response that the provider would have sent whole, for the same reader
// to read. Nothing depends on how the bytes were cut. What breaks off is read as far as it goes and says so; events of an
// unknown type are reported, one entry a type, so that a new one is noticed.

const STREAM_FORMATS: readonly StreamFormat[] = [openaiChatStream, openaiResponsesStream, anthropicMessagesStream];

/** Names of unknown event types that are kept apart; the rest are counted together. */
const MAX_ALIENS = 16;

export interface Reassembly extends Omit<Assembled, 'lost'> {
  readonly unread: readonly UnreadField[];
}

export interface StreamReader {
  /** Takes the next piece of the stream's text, however it was cut. Throws `too_deep`, `body_too_large`. */
  feed(text: string): void;
  /** The response as far as it came. Throws `undetected_format` where no event was of a provider that is known. */
  finish(): Reassembly;
}

interface Alien {
  readonly path: string;
  bytes: number;
}

/** @param maxEvent longest unfinished event held, in code units */
export const createStreamReader = (onText: OnText, maxEvent = Number.POSITIVE_INFINITY): StreamReader => {
  let provider: StreamFormat | undefined;
  let assembler: Assembler | undefined;
  const aliens = new Map<string, Alien>();
  let events = 0;
  let broken = false;

  const noteAlien = (type: string, at: number, bytes: number): void => {
    const key = aliens.has(type) || aliens.size < MAX_ALIENS ? type : '(others)';
    const entry = aliens.get(key);
    if (entry !== undefined) entry.bytes += bytes;
    else aliens.set(key, { path: `/events/${at}`, bytes });
  };

  const take = (event: Json, at: number, bytes: number): void => {
    if (assembler === undefined) {
      provider = STREAM_FORMATS.find((format) => format.claims(event));
      assembler = provider?.create(onText);
    }
    if (isObject(event.error) || asText(event.error) !== null || event.type === 'error') broken = true;
    if (assembler === undefined) {
      if (event.type !== 'ping' && !broken) noteAlien(String(event.type), at, bytes);
      return;
    }
    if (assembler.push(event) === 'alien') noteAlien(typeof event.type === 'string' ? event.type : '', at, bytes);
  };

  const parser = createParser({
    ...(Number.isFinite(maxEvent) ? { maxBufferSize: maxEvent } : {}),
    onEvent: ({ data }) => {
      const at = events++;
      if (data.trim() === '[DONE]') {
        assembler?.end();
        return;
      }
      if (nestsDeeperThan(data, MAX_DEPTH)) {
        throw new CodedError('too_deep', `An event is nested more than ${MAX_DEPTH} levels deep.`);
      }
      const event = parseJson(data);
      const bytes = Buffer.byteLength(data);
      if (isObject(event)) take(event, at, bytes);
      else if (data.trim() !== '') {
        broken = true;
        noteAlien('(not JSON)', at, bytes);
      }
    },
    onError: ({ type }) => {
      if (type !== 'max-buffer-size-exceeded') return;
      throw new CodedError('body_too_large', 'An event of the stream is too large.');
    },
  });

  return {
    feed: (text) => parser.feed(text),
    finish: () => {
      // An event counts once a blank line ends it; of a stream that broke off, the last one may lack it.
      parser.feed('\n\n');
      if (assembler === undefined) {
        const ids = STREAM_FORMATS.map(({ format }) => format).join(', ');
        throw new CodedError('undetected_format', `The event stream has no event of any of: ${ids}.`);
      }
      const { body, open, lost } = assembler.finish(broken);
      return { body, open, unread: [...aliens.values(), ...lost] };
    },
  };
};

/** Puts a whole recorded stream together. Throws as a StreamReader does. */
export const reassemble = (text: string): Reassembly => {
  const reader = createStreamReader(() => undefined);
  reader.feed(text);
  return reader.finish();
};

/** Whether text is the body of an event stream. JSON never begins with any of this. */
export const looksLikeEventStream = (text: string): boolean =>
  /^\uFEFF?[\r\n]{0,64}(?::|(?:data|event|id|retry):)/.test(text);
