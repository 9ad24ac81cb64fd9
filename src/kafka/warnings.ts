// kafkajs 2 sets timers with negative delays, which newer versions of Node run at once and warn about, again and again.
// That one warning is dropped, by its name; every other warning passes.

const NAME = 'TimeoutNegativeWarning';
const MUTED = Symbol('cot-monitor.muted');

const nameOf = (warning: unknown, type: unknown): unknown => {
  if (warning instanceof Error) return warning.name;
  return typeof type === 'object' && type !== null ? (type as { type?: unknown }).type : type;
};

/** Safe to call more than once. */
export const muteTimeoutWarning = (target: { emitWarning: typeof process.emitWarning } = process): void => {
  const original = target.emitWarning as typeof process.emitWarning & { [MUTED]?: true };
  if (original[MUTED]) return;
  const filtered = (warning: string | Error, ...rest: unknown[]): void => {
    if (nameOf(warning, rest[0]) !== NAME) Reflect.apply(original, target, [warning, ...rest]);
  };
  target.emitWarning = Object.assign(filtered, { [MUTED]: true as const });
};
