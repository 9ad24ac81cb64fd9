import type { SegmentKind, UnreadField } from '../../domain/trace.ts';
import type { Json } from '../json.ts';

/**
 * Told of text as it comes in, so that it can be looked at before the response is complete. A guess at the kind: what
 * the text really was is known when the whole response is read.
 * @param key names the piece of the response that grows, the same for all its deltas
 */
export type OnText = (key: string, kind: SegmentKind, text: string) => void;

/** What the events of one response came to. */
export interface Assembled {
  /** The response, in the shape in which the provider sends it whole. */
  readonly body: Json;
  /** JSON pointers into `body` of what was never finished; '' for the response as a whole. */
  readonly open: readonly string[];
  /** Text that was streamed and that `body` does not hold. */
  readonly lost: readonly UnreadField[];
}

/** `alien`: an event of no type that is known here. */
export type Taken = 'known' | 'alien';

/** Puts one response together, event by event. */
export interface Assembler {
  push(event: Json): Taken;
  /** The provider's own mark that nothing more comes (`[DONE]`). */
  end(): void;
  /** May be called once. `broken`: events were lost or an error cut the stream off. */
  finish(broken: boolean): Assembled;
}

/** One provider's way of streaming. */
export interface StreamFormat {
  /** Id of the format that reads the assembled response. */
  readonly format: string;
  /** Whether an event is of this provider's. */
  claims(event: Json): boolean;
  create(onText: OnText): Assembler;
}
