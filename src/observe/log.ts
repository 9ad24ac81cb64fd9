import { type DestinationStream, type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino';

// Log lines carry ids, hashes, counts and codes, never text of a trace: LogFields is the whole list of what may be logged,
// and an error is reduced to its code, its type and the places in our own code that it came through.

export interface LogFields {
  readonly requestId?: string;
  readonly traceId?: string;
  readonly conversationId?: string;
  readonly tenant?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly code?: string;
  readonly reason?: string;
  readonly detector?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: string;
  readonly count?: number;
  readonly milliseconds?: number;
  readonly address?: string;
  readonly version?: string;
  readonly signal?: string;
  readonly component?: string;
  readonly error?: unknown;
}

export interface Logger {
  error(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
}

interface LoggedError {
  readonly type: string;
  readonly code: string | undefined;
  readonly stack: readonly string[];
}

/**
 * Messages of foreign errors can quote their input (JSON.parse shows the text around a mistake, PostgreSQL shows the row),
 * so of those only type, code and stack frames are kept.
 */
const describeError = (error: unknown): LoggedError => {
  if (!(error instanceof Error)) return { type: typeof error, code: undefined, stack: [] };
  const code = String((error as { code?: unknown }).code ?? '');
  return { type: error.name, code: /^[\w.-]{1,64}$/.test(code) ? code : undefined, stack: framesOf(error) };
};

/** `Error: ` or `TypeError [ERR_INVALID_ARG_TYPE]: `, with which a stack begins; the message follows. */
const STACK_PREFIX = /^[\w$.]+(?: \[\w+\])?(?:: )?/;

/**
 * Frames are what follows the message. A message of several lines can hold one that looks like a frame, so where the stack
 * does not begin with the message as it is now, none is trusted.
 */
const framesOf = ({ stack, message }: Error): string[] => {
  if (typeof stack !== 'string') return [];
  const start = STACK_PREFIX.exec(stack)?.[0].length ?? 0;
  if (!stack.startsWith(`${message}\n`, start)) return [];
  const lines = stack.slice(start + message.length).split('\n');
  return lines.flatMap((line) => (/^\s+at /.test(line) ? [line.trim()] : [])).slice(0, 12);
};

const wrap = (base: PinoLogger): Logger => {
  const at =
    (level: 'error' | 'warn' | 'info' | 'debug') =>
    ({ error, ...fields }: LogFields, message: string): void =>
      base[level](error === undefined ? fields : { ...fields, error: describeError(error) }, message);
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
};

export const createLogger = (level: LevelWithSilent, destination?: DestinationStream): Logger =>
  wrap(
    pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination ?? pino.destination({ dest: 2, sync: false }),
    ),
  );
