import type { Rate } from '../../report/statistics/estimate.ts';
import { escapeHtml } from '../eval-plots.ts';
import type { AttackReport } from './measure.ts';

// One line an attack: the share of what the policy flagged untouched that it still flags, with its interval.

const WIDTH = 640;
const LEFT = 150;
const RIGHT = 20;
const ROW = 24;
const TOP = 10;

const across = (share: number): string => (LEFT + share * (WIDTH - LEFT - RIGHT)).toFixed(1);

const line = (name: string, kept: Rate | null, i: number): string => {
  const y = TOP + i * ROW + ROW / 2;
  const label = `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${escapeHtml(name)}</text>`;
  if (kept === null) return label;
  const whisker = `<line class="bar" x1="${across(kept.low)}" x2="${across(kept.high)}" y1="${y}" y2="${y}" stroke-width="2"/>`;
  return `${label}${whisker}<circle cx="${across(kept.value)}" cy="${y}" r="4" fill="#1f4e9c"/>`;
};

export const keptPlot = (attacks: readonly AttackReport[]): string => {
  const bottom = TOP + attacks.length * ROW;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const x = across(share);
    const text = `<text x="${x}" y="${bottom + 16}" text-anchor="middle">${share * 100}%</text>`;
    return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}"/>${text}`;
  });
  const title = 'Share of what was flagged untouched that is still flagged, with 95% intervals';
  const content = [`<title>${title}</title>`, ...grid, ...attacks.map((a, i) => line(a.attack, a.policy.kept, i))];
  const height = bottom + 28;
  return `<svg role="img" aria-label="${title}" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">${content.join('')}</svg>`;
};
