import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { STANCES } from '../../src/domain/taxonomy.ts';
import { SHIPPED } from '../../src/taxonomy/shipped.ts';

// The corpus as files: what each line must look like. Schemas are strict, so that a judgement cannot carry text.

const stance = z.enum([...STANCES, 'none']);
const text = z.string().min(1);

const traceSchema = z
  .strictObject({
    id: text,
    source: z.literal('corpus'),
    family: text,
    category: z.enum([...SHIPPED.ids, 'benign']),
    stance,
    label: z.union([z.literal(0), z.literal(1)]),
    language: z.string().regex(/^[a-z]{2,3}$/),
    voice: z.string().regex(/^[a-z0-9-]+$/),
    prompt: text,
    reasoning: text,
    output: text,
    evidence: z.array(text),
  })
  .refine(({ label, category }) => (label === 0) === (category === 'benign'), 'label 0 goes with category benign');

const passage = z.strictObject({ stance, text });

const pairSchema = z.strictObject({
  id: text,
  category: z.enum([...SHIPPED.ids]),
  positive: passage,
  negative: passage,
});

const ordinarySchema = z.strictObject({ id: text, text });

const spanSchema = z.tuple([z.int().min(0), z.int().positive(), z.number().min(0).max(10), stance]);
const judgementSchema = z.strictObject({ id: text, windows: z.array(spanSchema).min(1) });

export type Trace = z.output<typeof traceSchema>;
export type Pair = z.output<typeof pairSchema>;
type Judgement = z.output<typeof judgementSchema>;

interface Filed {
  /** The file's name without its ending. */
  readonly file: string;
}

export interface Corpus {
  readonly traces: readonly (Trace & Filed)[];
  readonly pairs: readonly (Pair & Filed)[];
  readonly ordinary: readonly z.output<typeof ordinarySchema>[];
  readonly judgements: readonly (Judgement & Filed)[];
  /** Lines that could not be taken, with where and why; never their text. */
  readonly faults: readonly string[];
}

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** Reads a folder laid out as `corpus/README.md` says. @throws Error where a file or folder is missing */
export const readCorpus = (root: string): Corpus => {
  const faults: string[] = [];
  const readLines = <T>(path: string, schema: z.ZodType<T>): T[] =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .flatMap((line, i) => {
        if (line === '') return [];
        const parsed = schema.safeParse(parseLine(line));
        if (parsed.success) return [parsed.data];
        const why = parsed.error.issues.map((issue) => `/${issue.path.join('/')} ${issue.message}`).join('; ');
        faults.push(`${path}:${i + 1}: ${why}`);
        return [];
      });
  const readFolder = <T>(folder: string, schema: z.ZodType<T>): (T & Filed)[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .flatMap((name) =>
        readLines(join(folder, name), schema).map((row) => ({ ...row, file: basename(name, '.jsonl') })),
      );
  return {
    traces: readFolder('families', traceSchema),
    pairs: readFolder('pairs', pairSchema),
    ordinary: readLines('ordinary.jsonl', ordinarySchema),
    judgements: readFolder('judgements', judgementSchema),
    faults,
  };
};
