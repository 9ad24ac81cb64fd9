import type { FieldError } from '../domain/errors.ts';
import type { Values } from './variables.ts';

// Where verdicts go as OpenTelemetry events.

export interface EvaluationsConfig {
  /** The logs endpoint, whole. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Told = Pick<Values, 'EVALUATIONS_OTLP_URL' | 'EVALUATIONS_OTLP_HEADERS'>;

const HEADER = /^\s*([\w!#$%&'*+.^`|~-]+)=([\t\x20-\x7e]+)$/;

/** `name=value,name=value` as an object; undefined where it is not that. */
const readHeaders = (text: string | undefined): EvaluationsConfig['headers'] | undefined => {
  const pairs = text === undefined ? [] : text.split(',').map((pair) => HEADER.exec(pair)?.slice(1));
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : undefined;
};

export const evaluationsProblems = (v: Told): FieldError[] => {
  const problems: FieldError[] = [];
  const path = 'EVALUATIONS_OTLP_HEADERS';
  if (v.EVALUATIONS_OTLP_HEADERS !== undefined && v.EVALUATIONS_OTLP_URL === undefined) {
    problems.push({ path, message: 'needs EVALUATIONS_OTLP_URL' });
  }
  if (readHeaders(v.EVALUATIONS_OTLP_HEADERS) === undefined) {
    problems.push({ path, message: 'must be name=value pairs, separated by commas' });
  }
  return problems;
};

/** Undefined where nothing is sent. */
export const evaluationsConfig = (v: Told): EvaluationsConfig | undefined =>
  v.EVALUATIONS_OTLP_URL === undefined
    ? undefined
    : { url: v.EVALUATIONS_OTLP_URL, headers: readHeaders(v.EVALUATIONS_OTLP_HEADERS) ?? {} };
