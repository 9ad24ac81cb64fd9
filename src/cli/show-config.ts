import type { Environment } from '../config/config.ts';
import { describeConfig } from '../config/describe.ts';
import { type Terminal, table } from './terminal.ts';

/** `config`: what is in force and where it comes from. Expects an environment that `loadConfig` accepted. */
export const showConfig = (env: Environment, json: boolean, terminal: Terminal): number => {
  const variables = describeConfig(env);
  if (json) {
    terminal.out.write(`${JSON.stringify(Object.fromEntries(variables.map((v) => [v.name, v.value])), null, 2)}\n`);
    return 0;
  }
  const rows = variables.map((v) => [v.name, v.value ?? '(unset)', v.source]);
  terminal.out.write(`${table(['variable', 'value', 'from'], rows)}\n\nThe configuration is valid.\n`);
  return 0;
};
