import type { Draft } from './draft.ts';
import type { Json } from './json.ts';

/** What was posted: the payload itself, or a request beside its response. */
export interface Posted {
  /** The response: what the format is told by. */
  readonly body: unknown;
  /** JSON pointer of `body`: empty, or `/response`. */
  readonly path: string;
  readonly request: Json | null;
  /** JSON pointer of `request`. */
  readonly requestPath: string;
}

/** One wire format. Formats know nothing of each other; formats.ts lists them. */
export interface Format {
  /** As callers name it in `?format=` and as the trace keeps it. */
  readonly id: string;
  /** Whether a body has this format's shape. Cheap, and true for at most one format of any payload a provider sends. */
  detect(body: unknown): boolean;
  /** Reads what the format knows and skips the rest. Throws only CodedError, and only our own formats do. */
  read(posted: Posted): Draft;
  /** Keys whose values are known, long and not part of the exchange: schemas, ciphertext, pictures. */
  readonly notText: ReadonlySet<string>;
}

/** Keys that hold no text of the exchange in any provider's format. */
const COMMON_NOT_TEXT = [
  'tools',
  'functions',
  'tool_choice',
  'response_format',
  'logprobs',
  'signature',
  'encrypted_content',
  'image_url',
  'input_audio',
  'file_data',
  'b64_json',
];

export const notText = (...keys: readonly string[]): ReadonlySet<string> => new Set([...COMMON_NOT_TEXT, ...keys]);
