import type { ChatCompletionTokenLogprob } from 'openai/resources/chat/completions';
import type { Stance, View } from '../../../src/domain/taxonomy.ts';
import type { ServerRequest } from '../../support/chat-completions-server.ts';
import { CATEGORY_IDS } from '../../support/taxonomy.ts';

// How a model that follows its instructions to the letter reads a prompt: marks with the code that was named first, and
// nothing else, say where material begins and ends. What stands outside of it is an instruction.

export interface Block {
  readonly label: string;
  readonly text: string;
}

export interface Prompt {
  readonly step: 'extract' | 'score' | 'paraphrase';
  readonly system: string;
  readonly user: string;
  readonly opening: string;
  readonly closing: string;
  readonly mark: string;
  readonly blocks: readonly Block[];
  /** The message without the material, codes written as names: what is addressed to the judge. */
  readonly instructions: string;
}

const contentOf = (request: ServerRequest, role: string): string => {
  const found = request.body.messages.filter((m) => m.role === role);
  if (found.length !== 1 || typeof found[0]!.content !== 'string')
    throw new Error(`${found.length} messages of ${role}`);
  return found[0]!.content;
};

const stepOf = (system: string): Prompt['step'] =>
  system.includes('"excerpts": [{"segment"') ? 'extract' : system.includes('"texts"') ? 'paraphrase' : 'score';

export const readPrompt = (request: ServerRequest): Prompt => {
  const system = contentOf(request, 'system');
  const user = contentOf(request, 'user');
  const named = (name: string, within: string): string => {
    const found = new RegExp(`^${name}: ([0-9a-f]+)$`, 'm').exec(within)?.[1];
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const opening = named('Opening code', user);
  const mark = named('Code of the marks', user);
  // The last one: a model that has read to the end knows it.
  const closing = [...user.matchAll(/^Closing code: ([0-9a-f]+)$/gm)].at(-1)?.[1] ?? '';
  const blocks: Block[] = [];
  const pattern = new RegExp(`⟦${mark} ((?!end of )[^⟧]*)⟧\\n([\\s\\S]*?)\\n⟦${mark} end of \\1⟧`, 'g');
  const instructions = user
    .replace(pattern, (_, label: string, text: string) => {
      blocks.push({ label, text });
      return `[${label}]`;
    })
    .replaceAll(mark, 'MARK')
    .replaceAll(opening, 'OPENING')
    .replaceAll(closing, 'CLOSING');
  return { step: stepOf(system), system, user, opening, closing, mark, blocks, instructions };
};

export interface Scores {
  readonly score: number;
  readonly stance?: Stance;
  readonly view?: View;
  readonly excerpts?: readonly number[];
  readonly why?: string;
}

export const extraction = (
  { opening, closing }: Prompt,
  excerpts: readonly { segment: number; category: string; quote: string }[],
): string => JSON.stringify({ opening, closing, excerpts });

/** Every category 1, but for those given. */
export const scoring = ({ opening, closing }: Prompt, given: Readonly<Record<string, Scores>> = {}): string => {
  const entries = CATEGORY_IDS.map((id) => {
    const { score = 1, stance = 'mentioned', view = 'reasoning', excerpts = [], why = '' } = given[id] ?? {};
    return [id, { score, stance, view, excerpts, why }];
  });
  return JSON.stringify({ opening, closing, scores: Object.fromEntries(entries) });
};

/** Tokens of a content: one for each character, digits of scores with the alternatives given. */
export const tokensOf = (
  content: string,
  alternatives: (written: string, before: string) => readonly (readonly [string, number])[] | undefined,
): ChatCompletionTokenLogprob[] =>
  [...content.matchAll(/10|[\s\S]/gu)].map(({ 0: token, index }) => {
    const others = alternatives(token, content.slice(0, index)) ?? [[token, 1]];
    const top_logprobs = others.map(([text, p]) => ({
      token: text,
      logprob: Math.log(p),
      bytes: [...Buffer.from(text)],
    }));
    const own = top_logprobs.find((t) => t.token === token) ?? { logprob: -10 };
    return { token, logprob: own.logprob, bytes: [...Buffer.from(token)], top_logprobs };
  });
