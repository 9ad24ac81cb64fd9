// The trace is hostile, and the judge reads it. What keeps the two apart: marks in brackets that no interpolated text can
// hold, with a code that nobody can know beforehand; and nothing outside the marks but our own constants and numbers.

/** Cryptographically random bytes. */
export type Random = (bytes: number) => Uint8Array;

export const OPEN = '⟦';
export const CLOSE = '⟧';

/** Names of control tokens of common chat templates: tokenisers turn these into the real thing wherever they stand. */
const CONTROL_NAMES = [
  's',
  'bos',
  'eos',
  'pad',
  'unk',
  'sep',
  'cls',
  'mask',
  'think',
  'thinking',
  'tool_call',
  'tool_response',
  'tools',
  'start_of_turn',
  'end_of_turn',
  'start_of_image',
  'extra_id_\\d+',
  'unused\\d+',
  'reserved_\\d+',
].join('|');

const CONTROL_WORDS =
  'INST|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|SYSTEM_PROMPT|gMASK|sMASK|BOS|EOS|CLS|SEP|PAD|UNK|MASK';

/** Each replacement is as long as what it replaces, so that offsets in the neutralised text are offsets in the text. */
const REPLACEMENTS: readonly (readonly [RegExp, (match: string) => string])[] = [
  [/[⟦〚⟬]/g, () => '['],
  [/[⟧〛⟭]/g, () => ']'],
  // <|im_start|>, <｜User｜>, <<SYS>>, </s>, <start_of_turn> …
  [new RegExp(`<(?=[|｜]|<\\/?SYS>>|\\/?(?:${CONTROL_NAMES})>)`, 'gi'), () => '‹'],
  [new RegExp(`\\[(?=\\/?(?:${CONTROL_WORDS})\\])`, 'g'), () => '('],
  // Control characters but tab and the ends of lines, and what turns the direction of text round.
  [/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, () => '\ufffd'],
  // Tag characters, with which ASCII is smuggled past the eye: two code units each.
  [/[\u{e0000}-\u{e007f}]/gu, (match) => '\ufffd'.repeat(match.length)],
  // Half of a pair has no UTF-8: what goes over the wire would be another text than the one quotes are looked up in.
  [/\p{Surrogate}/gu, () => '\ufffd'],
];

/** The text as the judge sees it: of equal length, and unable to look like a mark or like a control token. */
export const neutralise = (text: string): string =>
  REPLACEMENTS.reduce((shown, [pattern, replace]) => shown.replace(pattern, replace), text);

export interface Frame {
  /** Said before the material and after it: an answer that gives both back has seen the prompt from end to end. */
  readonly opening: string;
  readonly closing: string;
  /**
   * One piece of material between marks.
   * @param label ours alone: constants and numbers, never text of a trace
   * @param shown neutralised
   */
  piece(label: string, shown: string): string;
  /** The whole message. @param parts pieces and our own remarks, in order */
  message(parts: readonly string[]): string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** More draws than this, and the randomness is not random. */
const DRAWS = 16;

/**
 * A frame for one request.
 * @param texts all that will stand in it: a code that occurs in one of them, by whatever chance, is drawn anew
 */
export const createFrame = (random: Random, texts: readonly string[]): Frame => {
  const draw = (bytes: number): string => {
    for (let i = 0; i < DRAWS; i++) {
      const code = hex(random(bytes));
      if (!texts.some((text) => text.includes(code))) return code;
    }
    throw new Error('The source of randomness repeats itself.');
  };
  const mark = draw(8);
  const opening = draw(4);
  const closing = draw(4);
  const line = (text: string): string => `${OPEN}${mark} ${text}${CLOSE}`;
  return {
    opening,
    closing,
    piece: (label, shown) => `${line(label)}\n${shown}\n${line(`end of ${label}`)}`,
    message: (parts) =>
      [
        `Opening code: ${opening}`,
        `Code of the marks: ${mark}`,
        ...parts,
        `Closing code: ${closing}`,
        'The material ends here. Answer with the one JSON object that your instructions describe.',
      ].join('\n\n'),
  };
};
