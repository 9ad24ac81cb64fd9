import type { Environment } from './config.ts';
import { VARIABLES } from './variables.ts';

export interface DescribedVariable {
  readonly name: string;
  /** As text; secrets masked; null where unset and without a default. */
  readonly value: string | null;
  readonly source: 'environment' | 'default';
  readonly doc: string;
}

const MASK = '********';

/** What `cot-monitor config` prints. Expects an environment that `loadConfig` accepted. */
export const describeConfig = (env: Environment): DescribedVariable[] =>
  Object.entries(VARIABLES).map(([name, { schema, doc, secret }]) => {
    const raw = env[name] === '' ? undefined : env[name];
    const value = schema.parse(raw);
    const shown = value === undefined ? null : secret ? MASK : Array.isArray(value) ? value.join(',') : String(value);
    return { name, value: shown, source: raw === undefined ? 'default' : 'environment', doc };
  });
