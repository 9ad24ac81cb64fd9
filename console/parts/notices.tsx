import type { ComponentChildren } from 'preact';
import type { Problem } from '../api.ts';
import { Glyph, type GlyphName } from './icons.tsx';

// What is shown in place of data: nothing there, something wrong, not there yet.

export const Empty = ({
  icon = 'search',
  title,
  children,
}: {
  icon?: GlyphName;
  title: string;
  children?: ComponentChildren;
}) => (
  <div class="empty">
    <span class="empty-icon">
      <Glyph name={icon} size={22} />
    </span>
    <h2>{title}</h2>
    {children}
  </div>
);

const HINTS: Readonly<Record<string, string>> = {
  forbidden: 'Sign in with a key that has this scope, or ask whoever runs the service for one.',
  rate_limited: 'Wait a minute, then try again.',
  invalid_cursor: 'The list has moved on since. Start from its first page.',
};

export const ProblemNotice = ({ problem, again }: { problem: Problem; again?: () => void }) => (
  <div class="problem" role="alert">
    <Glyph name="warning" />
    <div>
      <strong>{problem.title}</strong>
      <p>{problem.detail}</p>
      {problem.fields.length > 0 && (
        <ul>
          {problem.fields.map((field) => (
            <li key={field}>{field}</li>
          ))}
        </ul>
      )}
      {HINTS[problem.code] !== undefined && <p>{HINTS[problem.code]}</p>}
      <p class="fine">
        {problem.code}
        {problem.requestId !== null && ` · request ${problem.requestId}`}
      </p>
      {again !== undefined && (
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  </div>
);

/** Grey lines where text will stand. */
export const Skeleton = ({ rows = 6 }: { rows?: number }) => (
  <div class="skeleton" role="status">
    <span class="hidden">Loading</span>
    {Array.from({ length: rows }, (_, i) => (
      <span key={i} style={{ width: `${92 - ((i * 37) % 41)}%` }} />
    ))}
  </div>
);
