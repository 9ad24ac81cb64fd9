// Every error a user can meet, named once. docs/errors.md documents each; a parity test holds the two together.

export interface ErrorSpec {
  readonly status: number;
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

const spec = (status: number, title: string, remedy: string): ErrorSpec => Object.freeze({ status, title, remedy });

export const ERROR_CODES = {
  malformed_json: spec(400, 'The body is not valid JSON', 'Send UTF-8 encoded JSON.'),
  malformed_protobuf: spec(
    400,
    'The body is not the protobuf message that it should be',
    'Send what an OpenTelemetry exporter sends.',
  ),
  invalid_encoding: spec(
    400,
    'The bytes are not valid UTF-8',
    'Send UTF-8; escape lone surrogates as \\uXXXX inside JSON strings.',
  ),
  invalid_compression: spec(
    400,
    'The compressed body cannot be unpacked',
    'Send whole, valid gzip, or leave out content-encoding.',
  ),
  malformed_archive: spec(400, 'The archive cannot be read', 'Send the .eval file as Inspect wrote it.'),
  invalid_body: spec(400, 'The body does not have the expected shape', 'Mend the fields named in `errors`.'),
  invalid_query: spec(400, 'A query parameter is unknown or malformed', 'Mend the parameters named in `errors`.'),
  invalid_header: spec(400, 'A header is malformed', 'Mend the headers named in `errors`.'),
  invalid_cursor: spec(
    400,
    'The cursor is not one of ours',
    'Use `next` or `previous` of an earlier answer, unchanged.',
  ),
  too_deep: spec(400, 'The payload is nested too deeply', 'Flatten the payload.'),
  empty_trace: spec(400, 'The trace has no segments', 'Send at least one segment, or the response that has one.'),
  unauthenticated: spec(401, 'Credentials are missing or not valid', 'Send a valid API key or token.'),
  forbidden: spec(403, 'The credentials do not allow this', 'Use a key with the scope named in `detail`.'),
  not_found: spec(404, 'There is nothing here', 'Check the address and the id.'),
  method_not_allowed: spec(405, 'The method is not allowed here', 'Use one of the methods in the `allow` header.'),
  request_timeout: spec(
    408,
    'The client kept the service waiting for too long',
    'Send and read without long pauses, or raise STREAM_IDLE_MS.',
  ),
  trace_conflict: spec(
    409,
    'This id already names a trace with other content',
    'Send a new id, or none: one is then derived from the content.',
  ),
  flag_assigned: spec(
    409,
    'Somebody else has this flag in hand',
    'Take another one, or wait until their assignment expires.',
  ),
  hold_released: spec(409, 'The legal hold is over', 'Place a new one: what is over stays as it was.'),
  legal_hold: spec(
    409,
    'A legal hold covers what was to be erased',
    'Release the hold, or erase with `skipHeld` what it does not cover.',
  ),
  suppression_ended: spec(409, 'The suppression is over', 'Add a new one: what is over stays as it was.'),
  body_too_large: spec(413, 'The body is larger than MAX_BODY_BYTES', 'Split the trace, or raise MAX_BODY_BYTES.'),
  unsupported_media_type: spec(415, 'The content type is not supported', 'Send application/json.'),
  unknown_format: spec(
    422,
    'The format is not one the monitor reads',
    'Name a format in docs/formats.md, or omit it to have it detected.',
  ),
  format_mismatch: spec(
    422,
    'The payload is not of the declared format',
    'Declare the format named in `detail`, or omit it.',
  ),
  undetected_format: spec(
    422,
    'The format could not be detected',
    'Name it with ?format= or the x-trace-format header.',
  ),
  rate_limited: spec(429, 'Too many requests', 'Wait as long as `retry-after` says.'),
  internal: spec(500, 'Something went wrong on our side', 'Try again; report the request id if it persists.'),
  overloaded: spec(503, 'The service is at capacity', 'Wait as long as `retry-after` says.'),
  identity_unavailable: spec(503, "The issuer's keys cannot be read", 'Try again; check OIDC_JWKS_URL if it persists.'),
  store_unavailable: spec(503, 'The store cannot be reached', 'Try again: the trace was not accepted.'),
  shutting_down: spec(503, 'The service is shutting down', 'Send the request to another replica.'),
  invalid_config: spec(500, 'The configuration is not valid', 'Mend the variables named.'),
  invalid_rule: spec(500, 'A rule is not valid', 'Mend the rule file named.'),
  invalid_category: spec(500, 'A category is not valid', 'Mend the category file named.'),
  invalid_policy: spec(500, 'The policy is not valid', 'Mend the policy file named.'),
  store_locked: spec(500, 'Another process holds the embedded store', 'Stop it, or set COT_MONITOR_URL to talk to it.'),
  store_newer: spec(500, 'The store was written by a newer version', 'Run the newer version, or restore a backup.'),
  store_older: spec(
    500,
    'The store does not have the shape this version needs',
    'Run `cot-monitor migrate`, or set DATABASE_MIGRATE=true.',
  ),
  unwritable_output: spec(400, 'The output file cannot be written', 'Check the path and the space left.'),
  unreadable_input: spec(400, 'The input file cannot be read', 'Check the path and the file.'),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One field at fault: a JSON pointer (or variable, parameter, header name) and what is wrong with it. Never its value. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface CodedErrorOptions {
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** An error with a stable code. `message` is safe to show: it never holds text of a trace. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, options: CodedErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** Whether an error is the caller's to mend (4xx): such a Kafka record is quarantined, not retried. */
export const isCallerError = (error: unknown): error is CodedError =>
  error instanceof CodedError && error.status >= 400 && error.status < 500;
