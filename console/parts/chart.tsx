import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Rate } from '../api.ts';
import { percent } from '../format.ts';
import { useObserved } from '../observed.ts';
import { theme } from '../theme.ts';
import { WideTable } from './wide-table.tsx';

// Rates day by day as lines. Lines differ in dash as well as in colour, and the same figures stand in a table below.

export interface Series {
  readonly label: string;
  /** By day; null where there is none. */
  readonly rates: readonly (Rate | null)[];
}

const HEIGHT = 232;
const DAY_SECONDS = 86_400;
const DASHES: readonly number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2]];
export const MOST_SERIES = DASHES.length;

/** A canvas knows no custom properties: they are resolved by an element first. */
const colours = (host: HTMLElement): ((name: string) => string) => {
  const probe = document.createElement('span');
  host.append(probe);
  const resolved = new Map<string, string>();
  for (const name of ['ink-3', 'line', ...DASHES.map((_, i) => `series-${i + 1}`)]) {
    probe.style.color = `var(--${name})`;
    resolved.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => resolved.get(name) ?? 'currentColor';
};

const secondsOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1_000;

const dayLabel = (seconds: number): string =>
  new Date(seconds * 1_000).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

const faint = (colour: string): string => `color-mix(in srgb, ${colour} 14%, transparent)`;

const optionsFor = (
  host: HTMLElement,
  series: readonly Series[],
  onDay: (at: number | undefined) => void,
): uPlot.Options => {
  const colour = colours(host);
  const font = `12px ${getComputedStyle(host).fontFamily}`;
  const axis: uPlot.Axis = {
    font,
    stroke: colour('ink-3'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  // With few lines there is room for their intervals.
  const banded = series.length <= 2;
  const hidden: uPlot.Series = { stroke: 'transparent', points: { show: false } };
  return {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [12, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, 0.001)] } },
    axes: [
      {
        ...axis,
        size: 34,
        grid: { show: false },
        space: 56,
        incrs: [1, 2, 7, 14, 28].map((n) => n * DAY_SECONDS),
        values: (_, at) => at.map(dayLabel),
      },
      { ...axis, size: 56, values: (_, at) => at.map((share) => `${Number((share * 100).toFixed(2))}%`) },
    ],
    series: [
      {},
      ...series.flatMap(({ label }, i): uPlot.Series[] => [
        {
          label,
          stroke: colour(`series-${i + 1}`),
          width: 2,
          dash: DASHES[i] ?? [],
          points: { show: true, size: 5, fill: colour(`series-${i + 1}`) },
          spanGaps: false,
        },
        ...(banded ? [hidden, hidden] : []),
      ]),
    ],
    bands: banded
      ? series.map((_, i) => ({ series: [i * 3 + 3, i * 3 + 2], fill: faint(colour(`series-${i + 1}`)) }))
      : [],
    hooks: { setCursor: [(plot) => onDay(plot.cursor.idx ?? undefined)] },
  };
};

const dataOf = (days: readonly string[], series: readonly Series[]): uPlot.AlignedData => {
  const of = (rates: Series['rates'], bound: 'value' | 'low' | 'high'): (number | null)[] =>
    rates.map((rate) => rate?.[bound] ?? null);
  const banded = series.length <= 2;
  return [
    days.map(secondsOf),
    ...series.flatMap(({ rates }) =>
      banded ? [of(rates, 'value'), of(rates, 'low'), of(rates, 'high')] : [of(rates, 'value')],
    ),
  ];
};

const Table = ({ caption, days, series }: { caption: string; days: readonly string[]; series: readonly Series[] }) => (
  <details class="chart-table">
    <summary>The figures</summary>
    <WideTable label={`${caption}, figures`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day, at) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              {series.map(({ label, rates }) => {
                const rate = rates[at];
                return (
                  <td key={label}>{rate == null ? '–' : `${percent(rate.value)} (${rate.count} of ${rate.total})`}</td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  </details>
);

export const Chart = ({
  title,
  about,
  days,
  series,
}: {
  title: string;
  about: string;
  days: readonly string[];
  series: readonly Series[];
}) => {
  const host = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | undefined>();
  const scheme = useObserved(theme);
  useEffect(() => {
    const place = host.current;
    if (place === null) return;
    const draw = (): uPlot => new uPlot(optionsFor(place, series, setHovered), dataOf(days, series), place);
    let plot = draw();
    const resize = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
    resize.observe(place);
    // A system that changes its colours changes those of the canvas too.
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => {
      plot.destroy();
      plot = draw();
    };
    dark.addEventListener('change', redraw);
    return () => {
      dark.removeEventListener('change', redraw);
      resize.disconnect();
      plot.destroy();
    };
  }, [days, series, scheme]);
  const at = hovered ?? days.length - 1;
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <p class="fine">{about}</p>
      </figcaption>
      <ul class="legend">
        {series.map(({ label, rates }, i) => (
          <li key={label}>
            <svg width="22" height="8" aria-hidden="true" focusable="false">
              <path
                d="M1 4h20"
                stroke={`var(--series-${i + 1})`}
                stroke-width="2.5"
                stroke-dasharray={(DASHES[i] ?? []).join(' ')}
              />
            </svg>
            <span>{label}</span>
            <strong class="number">{rates[at] == null ? '–' : percent(rates[at].value)}</strong>
          </li>
        ))}
        <li class="fine legend-day">{days[at]}</li>
      </ul>
      <div
        ref={host}
        class="plot"
        role="img"
        aria-label={`${title}: lines over ${days.length} days. The figures stand in the table below.`}
      />
      <Table caption={title} days={days} series={series} />
    </figure>
  );
};
