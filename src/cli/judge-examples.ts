import type { Finding } from '../domain/finding.ts';
import type { Reviews } from '../record/auditing/contract.ts';
import { openOutput } from './output-file.ts';
import { printable, type Terminal } from './terminal.ts';

// `judge examples`: what reviewers of one tenant decided, as a file of examples that the judge of that tenant may be shown.
// Nothing is shown to any judge before somebody has put the file into JUDGE_PROMPT_DIR.

export interface ExamplesTask {
  readonly action: 'examples';
  readonly tenant: string;
  readonly out: string;
  readonly limit: number;
}

interface Example {
  readonly category: string;
  readonly decided: 'confirmed' | 'false_positive';
  readonly stance: string;
  readonly view: string;
  readonly quote: string;
}

/** Longer quotes are left out whole: half a passage may say the opposite. In UTF-16 units. */
const LONGEST = 500;
const PAGE = 200;

const examplesOf = (findings: readonly Finding[], label: 0 | 1): Example[] =>
  findings.flatMap(({ category, stance, view, evidence }) => {
    const quote = evidence.find(({ quote }) => quote.trim() !== '' && quote.length <= LONGEST)?.quote;
    // What was not meant anyway is no example of what a reviewer decided.
    if (quote === undefined || stance === 'mentioned' || stance === 'rejected') return [];
    return [
      { category, decided: label === 1 ? ('confirmed' as const) : ('false_positive' as const), stance, view, quote },
    ];
  });

/** One of each category and decision before a second of any; later reviews first. */
const spread = (all: readonly Example[], limit: number): Example[] => {
  const ranks = new Map<string, number>();
  const ranked = all.toReversed().map((example) => {
    const key = `${example.category} ${example.decided}`;
    const rank = ranks.get(key) ?? 0;
    ranks.set(key, rank + 1);
    return { example, rank };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ example }) => example);
};

export const writeExamples = async (
  reviews: Pick<Reviews, 'labelled'>,
  { tenant, out, limit }: ExamplesTask,
  terminal: Terminal,
): Promise<number> => {
  const all: Example[] = [];
  let cursor: string | undefined;
  do {
    const page = await reviews.labelled(tenant, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { label, trace } of page.items) all.push(...examplesOf(trace.verdict.findings, label));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  const examples = spread(all, limit);
  if (examples.length === 0) {
    terminal.err.write(`No reviewed flag of ${printable(tenant)} has a finding with a quote of its own.\n`);
    return 1;
  }
  const sink = await openOutput(out);
  try {
    await sink.write(`${JSON.stringify({ version: 1, tenant, examples }, null, 2)}\n`);
  } finally {
    await sink.close();
  }
  const confirmed = examples.filter(({ decided }) => decided === 'confirmed').length;
  terminal.out.write(
    `${confirmed} confirmed and ${examples.length - confirmed} false positives of ${printable(tenant)} written to ${printable(out)}. Read them, then put the file into JUDGE_PROMPT_DIR/examples/: the judge shows them to its model for that tenant alone.\n`,
  );
  return 0;
};
