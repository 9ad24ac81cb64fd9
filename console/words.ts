// How ids of the API read to people. What is not known here is shown as it is.

const SPECIAL: Readonly<Record<string, string>> = {
  cot_answer_mismatch: 'Answer contradicts reasoning',
  reasoning_summary: 'Reasoning summary',
  cross: 'Between views',
  tool_call: 'Tool call',
  tool_result: 'Tool result',
  false_positive: 'False positive',
  not_assessed: 'Not assessed',
  partial: 'Partly assessed',
  action: 'Action',
  self_exfiltration: 'Self-exfiltration',
  self_preservation: 'Self-preservation',
  power_seeking: 'Power-seeking',
};

export const wordFor = (id: string): string => {
  const known = SPECIAL[id];
  if (known !== undefined) return known;
  const words = id.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Why something could not be read. */
export const REASONS: Readonly<Record<string, string>> = {
  reasoning_absent: 'No reasoning was handed over.',
  reasoning_encrypted: 'The reasoning is encrypted: nobody but the provider can read it.',
  reasoning_redacted: 'The provider took parts of the reasoning out.',
  summary_only: 'There is only a summary of the reasoning.',
  truncated: 'The trace breaks off.',
  unsupported_language: 'It is in a language that the detectors do not read.',
  judge_refused: 'The judge refused to look at it.',
  judge_error: 'The judge failed.',
  over_budget: 'The budget of the judge was spent.',
  timeout: 'There was not enough time to read all of it.',
};

export const STANCE_MEANING: Readonly<Record<string, string>> = {
  mentioned: 'is talked about, quoted or played',
  considered: 'is weighed',
  rejected: 'is weighed and declined',
  intended: 'is decided on',
  acted: 'is carried out',
};

export const COVERAGE: Readonly<Record<string, string>> = {
  truncated: 'breaks off',
  redacted: 'partly taken out by the provider',
  encrypted: 'encrypted by the provider: unreadable',
  omitted: 'left out by the provider: not there to be read',
};

export const modelName = ({
  name,
  version,
}: {
  readonly name: string | null;
  readonly version: string | null;
}): string => (name === null ? 'unknown model' : version === null ? name : `${name}@${version}`);
export const CLASSES: Readonly<Record<string, string>> = {
  flagged: 'Flagged as deceptive',
  intentional_hallucination: 'Intentional hallucination',
  hallucinated_policy: 'Hallucinated policy',
  overconfident_answer: 'Overconfident answer',
  other: 'Other',
  unintentional_hallucination: 'Unintentional hallucination',
};
