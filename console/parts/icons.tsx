import type { ComponentChildren } from 'preact';

// Drawn here, so that nothing is fetched from anywhere. Each stands beside a word; none says anything by colour alone.

const Icon = ({ children, size = 16 }: { children: ComponentChildren; size?: number }) => (
  <svg
    class="icon"
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    {children}
  </svg>
);

const SEVERITY_SHAPES: Readonly<Record<string, ComponentChildren>> = {
  critical: (
    <>
      <path d="M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3z" fill="currentColor" />
      <path d="M8 4.8v3.6M8 10.9v.1" stroke="var(--surface)" stroke-width="1.8" />
    </>
  ),
  high: <path d="M8 2.2 14.4 13H1.6z" fill="currentColor" />,
  medium: <path d="M8 2 14 8l-6 6-6-6z" />,
  low: <circle cx="8" cy="8" r="5.2" />,
  info: <path d="M3.5 8h9" />,
};

export const SeverityShape = ({ severity }: { severity: string }) => (
  <Icon size={12}>{SEVERITY_SHAPES[severity] ?? SEVERITY_SHAPES.info}</Icon>
);

const COVERAGE_SHAPES: Readonly<Record<string, ComponentChildren>> = {
  assessed: <circle cx="8" cy="8" r="5.4" fill="currentColor" />,
  partial: (
    <>
      <circle cx="8" cy="8" r="5.4" />
      <path d="M8 2.6a5.4 5.4 0 0 0 0 10.8z" fill="currentColor" stroke="none" />
    </>
  ),
  not_assessed: (
    <>
      <circle cx="8" cy="8" r="5.4" />
      <path d="m4.4 11.6 7.2-7.2" />
    </>
  ),
};

export const CoverageShape = ({ state }: { state: string }) => (
  <Icon size={12}>{COVERAGE_SHAPES[state] ?? COVERAGE_SHAPES.not_assessed}</Icon>
);

const REVIEW_SHAPES: Readonly<Record<string, ComponentChildren>> = {
  unreviewed: <circle cx="8" cy="8" r="5.4" stroke-dasharray="2 2.6" />,
  confirmed: <path d="m3 8.6 3.2 3.2L13 4.6" stroke-width="2" />,
  false_positive: <path d="m4 4 8 8M12 4l-8 8" stroke-width="2" />,
  unsure: <path d="M5.4 6a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.1.8-1.1 1.6M8 12.6v.1" stroke-width="1.8" />,
  disputed: <path d="M2.5 6h9.5L9.6 3.6M13.5 10H4l2.4 2.4" />,
};

export const ReviewShape = ({ state }: { state: string }) => (
  <Icon size={14}>{REVIEW_SHAPES[state] ?? REVIEW_SHAPES.unreviewed}</Icon>
);

const GLYPHS = {
  flags: <path d="M3.5 14V2.5h8.6L10 5.8l2.1 3.2H3.5" />,
  trends: <path d="M2 13.5h12M3 10.5l3.2-3.6 2.8 2L13 4" />,
  card: <path d="M2.5 3h11v10h-11zM2.5 6.4h11M6.3 6.4V13" />,
  compare: <path d="M5 2.5v11M11 2.5v11M2.5 5 5 2.5 7.5 5M8.5 11l2.5 2.5 2.5-2.5" />,
  reviews: <path d="M2.5 3h11v8H8l-3 2.6V11H2.5zM5.5 7l1.8 1.7L10.8 5.4" />,
  suppressions: (
    <path d="M6 12.6a2 2 0 0 0 4 0M4.2 6.2C4.2 9.6 2.8 11 2.8 11h7.4M12.8 10.2c-.5-.9-1-2.2-1-4A3.8 3.8 0 0 0 6 3M2 2l12 12" />
  ),
  audit: (
    <path d="M6.5 9.5 9.5 6.5M7.2 4.8l1.6-1.6a2.8 2.8 0 0 1 4 4l-1.6 1.6M8.8 11.2l-1.6 1.6a2.8 2.8 0 0 1-4-4l1.6-1.6" />
  ),
  scratchpad: <path d="M9.8 3.2 12.8 6.2 5.6 13.4l-3.4.4.4-3.4zM8.2 13.5h5.3" />,
  search: <path d="M11 11l3 3M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z" />,
  left: <path d="M10 3 5 8l5 5" />,
  right: <path d="m6 3 5 5-5 5" />,
  up: <path d="m4 10 4-4 4 4" />,
  down: <path d="m4 6 4 4 4-4" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
    </>
  ),
  moon: <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" />,
  half: (
    <>
      <circle cx="8" cy="8" r="5.4" />
      <path d="M8 2.6a5.4 5.4 0 0 1 0 10.8z" fill="currentColor" />
    </>
  ),
  lock: <path d="M3.5 7.2h9V14h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" />,
  download: <path d="M8 2.5v8M4.8 7.6 8 10.8l3.2-3.2M2.8 13.5h10.4" />,
  person: <path d="M8 7.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM2.8 13.8c.4-2.6 2.4-4 5.2-4s4.8 1.4 5.2 4" />,
  warning: <path d="M8 2.2 14.4 13H1.6zM8 6.4v3M8 11.3v.1" />,
  keys: <path d="M1.8 4h12.4v8H1.8zM4.2 6.6h.1M7 6.6h.1M9.8 6.6h.1M12 6.6h.1M5 9.5h6" />,
  leave: <path d="M6 2.8H2.8v10.4H6M6.5 8h7M10.8 5.2 13.6 8l-2.8 2.8" />,
} as const;

export type GlyphName = keyof typeof GLYPHS;

export const Glyph = ({ name, size = 16 }: { name: GlyphName; size?: number }) => (
  <Icon size={size}>{GLYPHS[name]}</Icon>
);
