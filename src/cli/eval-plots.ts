import type { EvaluationReport } from './eval-report.ts';

// Plots as inline SVG: no script, no font and no picture from anywhere.

const SIZE = 360;
const MARGIN = { left: 52, right: 12, top: 12, bottom: 44 };
const COLOURS = ['#1f4e9c', '#c2571a', '#2a7d46', '#7a3e9d', '#8a6d00', '#666666'];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML and SVG, also inside quotes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);

const place = (value: number): string => value.toFixed(1);
const across = (share: number): number => MARGIN.left + share * (SIZE - MARGIN.left - MARGIN.right);
const up = (share: number): number => SIZE - MARGIN.bottom - share * (SIZE - MARGIN.top - MARGIN.bottom);

interface Tick {
  readonly at: number;
  readonly text: string;
}

const frame = (label: string, x: readonly Tick[], y: readonly Tick[], names: readonly [string, string]): string => {
  const [left, right, bottom, top] = [across(0), across(1), up(0), up(1)].map(place);
  const verticals = x.map(({ at, text }) => {
    const cx = place(across(at));
    const line = `<line class="grid" x1="${cx}" x2="${cx}" y1="${bottom}" y2="${top}"/>`;
    return `${line}<text x="${cx}" y="${place(up(0) + 16)}" text-anchor="middle">${text}</text>`;
  });
  const horizontals = y.map(({ at, text }) => {
    const cy = place(up(at));
    const line = `<line class="grid" x1="${left}" x2="${right}" y1="${cy}" y2="${cy}"/>`;
    return `${line}<text x="${place(across(0) - 6)}" y="${place(up(at) + 4)}" text-anchor="end">${text}</text>`;
  });
  const axes = [
    `<text x="${place(across(0.5))}" y="${SIZE - 8}" text-anchor="middle">${names[0]}</text>`,
    `<text x="12" y="${place(up(0.5))}" text-anchor="middle" transform="rotate(-90 12 ${place(up(0.5))})">${names[1]}</text>`,
  ];
  return [`<title>${label}</title>`, ...verticals, ...horizontals, ...axes].join('');
};

const svg = (label: string, content: string): string =>
  `<svg role="img" aria-label="${label}" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}">${content}</svg>`;

const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${place(across(x))} ${place(up(y))}`).join('');

const SHARES: readonly Tick[] = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: String(at) }));

/** The lowest false positive rate that is drawn: what matters happens between it and a few percent. */
const FLOOR = 1e-4;
const logX = (fpr: number): number => 1 - Math.log10(Math.max(fpr, FLOOR)) / Math.log10(FLOOR);

const legend = (names: readonly string[]): string =>
  names
    .map((name, i) => {
      const y = up(1) + 14 + i * 16;
      const mark = `<rect x="${place(across(0.04))}" y="${place(y - 8)}" width="10" height="10" fill="${COLOURS[i % COLOURS.length]}"/>`;
      return `${mark}<text x="${place(across(0.04) + 16)}" y="${place(y + 1)}">${escapeHtml(name)}</text>`;
    })
    .join('');

/** True against false positive rate, the latter on a logarithmic axis; steps, since thresholds are not interpolated. */
export const rocPlot = ({ scores }: Pick<EvaluationReport, 'scores'>): string => {
  const ticks = [1e-4, 1e-3, 1e-2, 1e-1, 1].map((fpr) => ({
    at: logX(fpr),
    text: `${Number((fpr * 100).toPrecision(2))}%`,
  }));
  const curves = scores.map(({ roc }, i) => {
    const steps = roc.flatMap(({ fpr, tpr }, k): (readonly [number, number])[] => {
      const before = roc[k - 1];
      return before === undefined
        ? [[logX(fpr), tpr]]
        : [
            [logX(fpr), before.tpr],
            [logX(fpr), tpr],
          ];
    });
    return `<path class="curve" d="${path(steps)}" stroke="${COLOURS[i % COLOURS.length]}"/>`;
  });
  const names = ['false positive rate', 'true positive rate'] as const;
  const label = 'ROC curves, the false positive rate on a logarithmic axis';
  return svg(label, frame(label, ticks, SHARES, names) + curves.join('') + legend(scores.map((s) => s.name)));
};

/** Share of positives at each risk: bins with their intervals, the isotonic fit, and the line of perfect calibration. */
export const reliabilityPlot = ({ bins, isotonic }: NonNullable<EvaluationReport['reliability']>): string => {
  const marks = bins.map(({ meanScore, observed }) => {
    const x = place(across(meanScore));
    const bar = `<line class="bar" x1="${x}" x2="${x}" y1="${place(up(observed.low))}" y2="${place(up(observed.high))}"/>`;
    return `${bar}<circle cx="${x}" cy="${place(up(observed.value))}" r="3.5" fill="${COLOURS[0]}"/>`;
  });
  const diagonal = `<path class="ideal" d="${path([
    [0, 0],
    [1, 1],
  ])}"/>`;
  const fit = `<path class="curve" d="${path(isotonic)}" stroke="${COLOURS[1]}"/>`;
  const label = 'Reliability: share of positives by risk, bins and isotonic fit';
  return svg(label, frame(label, SHARES, SHARES, ['risk', 'share of positives']) + diagonal + fit + marks.join(''));
};
