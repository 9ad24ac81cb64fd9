import type { Table } from './eval-cells.ts';
import { GROUPINGS } from './eval-groups.ts';
import type { EvaluationReport } from './eval-report.ts';
import { conclusionOf, tablesOf } from './eval-text.ts';

// The report as Markdown, to be checked in beside the code that it speaks of.

/** A cell's text: names come from data files, so nothing in them may end the cell or mark it up. */
const cell = (text: string): string =>
  text.replace(/[\\`*_[\]<>|]/g, (c) => (c === '<' ? '&lt;' : c === '>' ? '&gt;' : `\\${c}`));

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

export const markdownSection = ({ title, head, rows }: Table): string =>
  [`## ${cell(title)}`, '', row(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(row)].join('\n');

export const markdownOf = (report: EvaluationReport): string => {
  const { versions, seed } = report;
  const made = `Seed ${seed}; rules ${versions?.rules ?? '–'}, classifier ${versions?.classifier ?? '–'}, policy ${versions?.policy ?? '–'}. Intervals are at 95%.`;
  const files: Table = {
    title: 'Files, with the SHA-256 of their lines',
    head: ['file', 'rows', 'sha256'],
    rows: report.files.map((f) => [f.file, String(f.rows), f.sha256]),
  };
  const sources: Table = {
    title: 'Sources',
    head: ['source', 'kind', 'commits'],
    rows: report.sources.map((s) => [s.source, s.benign ? 'benign' : 'with positives', s.commits.join(', ')]),
  };
  const sections = [...tablesOf(report, GROUPINGS), sources, files].map(markdownSection);
  return `${['# Evaluation', cell(conclusionOf(report)), made, ...sections].join('\n\n')}\n`;
};
