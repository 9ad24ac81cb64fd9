import { MINUTE, variable, whole } from './fields.ts';

// How long what is stored stays.

const DAYS = 36_500;

export const STORAGE_VARIABLES = {
  RETAIN_TEXT_DAYS: variable(
    whole(90, 0, DAYS),
    'Days that the text of kept traces stays. 0: for good, or as long as what it belongs to.',
  ),
  RETAIN_WORDS_DAYS: variable(
    whole(365, 0, DAYS),
    'Days that quotes, explanations, labels and review notes stay; text goes with them. 0: as long as the verdict.',
  ),
  RETAIN_VERDICTS_DAYS: variable(
    whole(0, 0, DAYS),
    'Days that verdicts, findings, flags and reviews stay, by whole months. The audit chain stays in any case. 0: for good.',
  ),
  RETENTION_INTERVAL_MS: variable(
    whole(60 * MINUTE, 0, 7 * 24 * 60 * MINUTE),
    'How often the service takes away what is too old, in milliseconds. 0: never; `cot-monitor retention run` does it then.',
  ),
} as const;
