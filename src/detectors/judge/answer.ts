import { z } from 'zod';
import { nestsDeeperThan } from '../../domain/json-bytes.ts';
import { MAX_DEPTH } from '../../domain/limits.ts';
import { STANCES, VIEWS } from '../../domain/taxonomy.ts';
import { JudgeFault } from './fault.ts';

// What the judge is to answer, and what is made of what it did answer. Nothing is guessed: an answer that is not the object
// that was asked for, whole and by itself, is no answer. Searching a text for something like a verdict would find the ones
// that a trace has planted.

const codes = { opening: z.string(), closing: z.string() };

export const excerptsSchema = (categories: readonly string[]) =>
  z.object({
    ...codes,
    excerpts: z.array(z.object({ segment: z.int(), category: z.enum(categories), quote: z.string() })),
  });

const entrySchema = z.object({
  score: z.int().min(1).max(10),
  stance: z.enum(STANCES),
  view: z.enum(VIEWS),
  excerpts: z.array(z.int()),
  why: z.string(),
});

export type ScoreEntry = z.output<typeof entrySchema>;

/** Every category, once each: one that is left out is not one that was found clear. */
export const scoresSchema = (categories: readonly string[]) =>
  z.object({ ...codes, scores: z.object(Object.fromEntries(categories.map((id) => [id, entrySchema]))) });

export const textsSchema = z.object({ ...codes, texts: z.array(z.string()) });

export interface Codes {
  readonly opening: string;
  readonly closing: string;
}

export type AnswerSchema<T extends Codes> = z.ZodType<T>;

/** Longest answer that is looked into, in UTF-16 units. */
const MAX_ANSWER = 200_000;

/** How models decline when they do not use the field for it. */
const DECLINED =
  /^\W{0,4}(?:i['’]?m (?:very |really |so )?(?:sorry|afraid|unable|not able)|(?:i )?apologi[sz]e|sorry\b|unfortunately\b|as an ai\b|i (?:can(?:no|['’])?t|am (?:sorry|unable|not able)|will not|won['’]t|must decline|have to decline|decline)\b|(?:this|your) (?:content|request) (?:was|is|has been|can ?not|violates)\b)/i;

export interface Read<T> {
  readonly value: T;
  /** The object as text, and where it begins in the content. */
  readonly json: string;
  readonly at: number;
}

/** The object alone: after reasoning between think tags, and inside one code fence. */
const bare = (content: string): { json: string; at: number } => {
  const thought = /^\s*<think>/.test(content) ? content.lastIndexOf('</think>') : -1;
  let at = thought === -1 ? 0 : thought + '</think>'.length;
  let json = content.slice(at);
  const fence = /^\s*```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```\s*$/i.exec(json);
  if (fence !== null) {
    const inside = fence[1] ?? '';
    at += json.indexOf(inside, json.indexOf('```') + 3);
    json = inside;
  }
  const lead = json.length - json.trimStart().length;
  return { json: json.trim(), at: at + lead };
};

/**
 * @throws JudgeFault `refused` for a text that declines, `oversized`, and `malformed` for all that is not the object,
 * also one without the two codes: it then answers something else than this prompt, or part of it
 */
export const readAnswer = <T extends Codes>(content: string, schema: AnswerSchema<T>, codes: Codes): Read<T> => {
  if (content.length > MAX_ANSWER) throw new JudgeFault('oversized');
  const { json, at } = bare(content);
  let parsed: unknown;
  try {
    if (nestsDeeperThan(json, MAX_DEPTH)) throw new JudgeFault('malformed');
    parsed = JSON.parse(json);
  } catch (cause) {
    throw new JudgeFault(DECLINED.test(json) ? 'refused' : 'malformed', { cause });
  }
  const checked = schema.safeParse(parsed);
  // A zod error would quote what it found.
  if (!checked.success) throw new JudgeFault('malformed');
  const { opening, closing } = checked.data;
  if (opening !== codes.opening || closing !== codes.closing) throw new JudgeFault('malformed');
  return { value: checked.data, json, at };
};
