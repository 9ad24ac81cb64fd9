import { percent } from '../format.ts';
import { wordFor } from '../words.ts';
import { CoverageShape, ReviewShape, SeverityShape } from './icons.tsx';

// Small words with a shape before them. The word says it all; shape and colour let the eye find it.

export const Severity = ({ severity }: { severity: string }) => (
  <span class="badge" data-severity={severity}>
    <SeverityShape severity={severity} />
    {wordFor(severity)}
  </span>
);

export const Decision = ({ decision }: { decision: string }) => (
  <span class="badge outlined" data-decision={decision}>
    {wordFor(decision)}
  </span>
);

export const Coverage = ({ state }: { state: string }) => (
  <span class="badge plain" data-coverage={state}>
    <CoverageShape state={state} />
    {wordFor(state)}
  </span>
);

export const ReviewState = ({ state }: { state: string }) => (
  <span class="badge plain" data-review={state}>
    <ReviewShape state={state} />
    {wordFor(state)}
  </span>
);

/** A probability as a number with a bar behind it. */
export const RiskMeter = ({ value, label = 'Risk' }: { value: number; label?: string }) => (
  <span class="meter">
    <span class="meter-label">{label}</span>
    <span class="meter-track" aria-hidden="true">
      <span style={{ width: `${Math.round(value * 100)}%` }} />
    </span>
    <span class="number">{percent(value)}</span>
  </span>
);
