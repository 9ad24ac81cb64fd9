import type { Values } from './variables.ts';

// How long things are kept.

export interface RetentionConfig {
  /** Null: never taken away for its age. */
  readonly textDays: number | null;
  readonly wordsDays: number | null;
  readonly verdictsDays: number | null;
  /** 0: not by itself. */
  readonly intervalMs: number;
}

const limited = (days: number): number | null => (days === 0 ? null : days);

export const retentionConfig = (v: Values): RetentionConfig => ({
  textDays: limited(v.RETAIN_TEXT_DAYS),
  wordsDays: limited(v.RETAIN_WORDS_DAYS),
  verdictsDays: limited(v.RETAIN_VERDICTS_DAYS),
  intervalMs: v.RETENTION_INTERVAL_MS,
});
