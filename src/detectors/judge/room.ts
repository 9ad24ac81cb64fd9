import { CodedError } from '../../domain/errors.ts';
import { estimateTokens } from './passages.ts';
import type { Prompts } from './prompts.ts';

// How much of a model's context each part of a prompt may take, worked out once. Nothing is ever cut off by the server:
// what does not fit is read in more windows, or left out with a note.

export interface Room {
  /** Tokens of trace in one extracting call. */
  readonly window: number;
  /** Tokens of the task that are repeated in later windows. */
  readonly task: number;
  /** Windows of one trace that are read. */
  readonly windows: number;
  /** Tokens of sections and of excerpts in the scoring call. */
  readonly sections: number;
  readonly excerpts: number;
}

export interface RoomOptions {
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** Most tokens of prompt that one trace may take in the extracting calls. */
  readonly maxTraceTokens: number;
  readonly paraphrase: boolean;
}

/** Tokenisers differ, and dense symbols take more tokens than the estimate says. */
const MARGIN = 0.85;
/** Codes, titles and remarks. */
const AROUND = 200;
const LEAST = 500;
const EXCERPTS = 0.25;
const TASK = 0.1;
/** What a restated text may take of the longest answer. */
const RESTATED = 0.7;

/** @throws CodedError `invalid_config` where the context has no room for prompt, answer and some of a trace */
export const roomFor = (prompts: Prompts, options: RoomOptions): Room => {
  const { contextTokens, maxOutputTokens, maxTraceTokens, paraphrase } = options;
  const left = (system: string): number =>
    Math.floor((contextTokens - maxOutputTokens) * MARGIN) - estimateTokens(system) - AROUND;
  const reading = left(prompts.extract);
  const task = Math.floor(reading * TASK);
  const window = reading - task;
  const scoring = left(prompts.score);
  if (Math.min(window, scoring) < LEAST) {
    throw new CodedError(
      'invalid_config',
      'JUDGE_CONTEXT_TOKENS leaves no room for a trace beside the prompts and JUDGE_MAX_OUTPUT_TOKENS.',
    );
  }
  const shown = paraphrase ? Math.min(scoring, Math.floor(maxOutputTokens * RESTATED)) : scoring;
  const excerpts = Math.floor(shown * EXCERPTS);
  return {
    window,
    task,
    windows: Math.max(1, Math.floor(maxTraceTokens / (window + estimateTokens(prompts.extract)))),
    sections: shown - excerpts,
    excerpts,
  };
};
