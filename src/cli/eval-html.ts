import type { Table } from './eval-cells.ts';
import { GROUPINGS } from './eval-groups.ts';
import { escapeHtml, reliabilityPlot, rocPlot } from './eval-plots.ts';
import type { EvaluationReport } from './eval-report.ts';
import { conclusionOf, tablesOf } from './eval-text.ts';

// The report as one page that needs nothing else and may load nothing else. Names come from data files, so that every
// text is escaped, and a policy in the page forbids scripts even so.

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:90rem;color:#222;background:#fff}
h2{font-size:1.05rem;margin-top:2rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .6rem;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}
svg{margin-right:1rem}svg text{font-size:11px;fill:#444}.grid{stroke:#e4e4e4}.curve{fill:none;stroke-width:1.6}
.bar{stroke:#1f4e9c}.ideal{stroke:#999;stroke-dasharray:4 4}code{font-size:12px}`;

const row = (cells: readonly string[], tag: 'td' | 'th'): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;

export const tableSection = ({ title, head, rows }: Table): string =>
  `<h2>${escapeHtml(title)}</h2>\n<div class="wide"><table><thead>${row(head, 'th')}</thead>\n<tbody>${rows
    .map((cells) => row(cells, 'td'))
    .join('\n')}</tbody></table></div>`;

const provenance = ({ files, sources, versions, seed }: EvaluationReport): string => {
  const data: Table = {
    title: 'Data: files, with the SHA-256 of their lines',
    head: ['file', 'rows', 'sha256'],
    rows: files.map((f) => [f.file, String(f.rows), f.sha256]),
  };
  const origins: Table = {
    title: 'Sources',
    head: ['source', 'kind', 'commits'],
    rows: sources.map((s) => [s.source, s.benign ? 'benign' : 'with positives', s.commits.join(', ')]),
  };
  const of = `Seed ${seed}; rules ${versions?.rules ?? '–'}, classifier ${versions?.classifier ?? '–'}, policy ${versions?.policy ?? '–'}.`;
  return `${tableSection(data)}\n${tableSection(origins)}\n<p>${escapeHtml(of)} Intervals are at 95%.</p>`;
};

/** @param plots and `body` are HTML already; the other texts are escaped here */
export const pageOf = (title: string, conclusion: string, plots: string, body: string, remark?: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(conclusion)}</p>
<div>${plots}</div>
${body}${remark === undefined ? '' : `\n<p>${escapeHtml(remark)}</p>`}
</body></html>
`;

export const htmlOf = (report: EvaluationReport): string => {
  const plots = report.reliability === null ? '' : rocPlot(report) + reliabilityPlot(report.reliability);
  const tables = tablesOf(report, GROUPINGS).map(tableSection).join('\n');
  return pageOf('Evaluation', conclusionOf(report), plots, `${tables}\n${provenance(report)}`);
};
