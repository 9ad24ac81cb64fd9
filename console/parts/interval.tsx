import type { Estimate, Rate } from '../api.ts';
import { count, percent } from '../format.ts';

// A rate never stands alone: its interval is drawn beside it and written out.

/** On a common scale from 0 to `top`. */
export const Interval = ({ of, top }: { of: Rate | Estimate; top: number }) => {
  const at = (share: number): number => Math.max(0, Math.min(100, (share / top) * 100));
  return (
    <svg class="interval" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path d="M0 6H100" class="interval-base" vector-effect="non-scaling-stroke" />
      <path d={`M${at(of.low)} 6H${at(of.high)}`} class="interval-range" vector-effect="non-scaling-stroke" />
      <path d={`M${at(of.value)} 2.5v7`} class="interval-value" vector-effect="non-scaling-stroke" />
    </svg>
  );
};

export const Share = ({ of }: { of: Rate | Estimate | null }) =>
  of === null ? (
    <span class="none">–</span>
  ) : (
    <span class="share">
      <strong class="number">{percent(of.value)}</strong>{' '}
      <span class="range number">
        {percent(of.low)} – {percent(of.high)}
      </span>
    </span>
  );

export const CountOf = ({ of }: { of: Rate | null }) =>
  of === null ? <span class="none">–</span> : <span class="number">{`${count(of.count)} of ${count(of.total)}`}</span>;
