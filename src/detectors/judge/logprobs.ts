import type { ChatCompletionTokenLogprob } from 'openai/resources/chat/completions';

// A score of 1 to 10 is coarse: many traces tie. Where the server says how sure it was of each token, the mean over the
// numbers it might have written is a score without ties.

/** Where the number of a category's score stands in the JSON: names in quotes occur inside texts only with a backslash. */
export const scorePositions = (json: string): Map<string, number> => {
  const positions = new Map<string, number>();
  const entry = /(?<!\\)"([a-z][a-z0-9_]*)"\s*:\s*\{\s*"score"\s*:\s*(?=\d)/g;
  for (let match = entry.exec(json); match !== null; match = entry.exec(json)) {
    // The last of two entries of one name is the one that JSON.parse keeps.
    positions.delete(match[1]!);
    positions.set(match[1]!, match.index + match[0].length);
  }
  return positions;
};

/** A token that is a whole number by itself, but for what JSON may put round it. */
const NUMBER = /^[\s":]*(10|[1-9])[\s,}\]"]*$/;

const numberIn = (token: string): number | undefined => {
  const match = NUMBER.exec(token);
  return match === null ? undefined : Number(match[1]);
};

/** Less of the probability than this on numbers, and the mean would say little about the score. */
const LEAST_MASS = 0.5;

/**
 * The expected value over the numbers that the token might have been; undefined where too little of it was one.
 * @param written the score that was written
 */
const expected = (
  { token, logprob, top_logprobs }: ChatCompletionTokenLogprob,
  written: number,
): number | undefined => {
  const candidates = [{ token, logprob }, ...(top_logprobs ?? []).filter((other) => other.token !== token)];
  const wholeTen = candidates.some((c) => numberIn(c.token) === 10);
  // Tokenisers that write 10 as two digits make a 1 ambiguous: it is then taken for the one that is nearer to what was
  // written.
  const oneMeans = !wholeTen && written > 5 ? 10 : 1;
  let mass = 0;
  let sum = 0;
  for (const candidate of candidates) {
    const value = numberIn(candidate.token);
    if (value === undefined || !(candidate.logprob <= 0)) continue;
    const probability = Math.exp(candidate.logprob);
    mass += probability;
    sum += probability * (value === 1 ? oneMeans : value);
  }
  return mass >= LEAST_MASS ? sum / mass : undefined;
};

/**
 * Continuous scores by category, for those whose token was found.
 * @param content what the model answered; `json` begins in it at `at`
 */
export const continuousScores = (
  { content, json, at }: { readonly content: string; readonly json: string; readonly at: number },
  tokens: readonly ChatCompletionTokenLogprob[],
  written: (category: string) => number | undefined,
): Map<string, number> => {
  const scores = new Map<string, number>();
  // Tokens can end inside a character, so places are counted in bytes.
  const sizes = tokens.map(({ token, bytes }) => (Array.isArray(bytes) ? bytes.length : Buffer.byteLength(token)));
  if (sizes.reduce((sum, size) => sum + size, 0) !== Buffer.byteLength(content)) return scores;
  const starts: number[] = [];
  let end = 0;
  for (const size of sizes) {
    starts.push(end);
    end += size;
  }
  let next = 0;
  let seen = 0;
  let offset = Buffer.byteLength(content.slice(0, at));
  for (const [category, position] of scorePositions(json)) {
    offset += Buffer.byteLength(json.slice(seen, position));
    seen = position;
    while (next + 1 < starts.length && starts[next + 1]! <= offset) next++;
    const token = tokens[next];
    const score = written(category);
    const value = token === undefined || score === undefined ? undefined : expected(token, score);
    if (value !== undefined) scores.set(category, value);
  }
  return scores;
};
