import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ReplayOptions } from './replay.ts';
import type { ScanOptions } from './scan.ts';

// The command line, parsed once into one of a closed set of things to do.

export type Task =
  | { readonly command: 'serve' | 'migrate' | 'help' | 'version' }
  | { readonly command: 'config'; readonly json: boolean }
  | { readonly command: 'scan'; readonly options: ScanOptions }
  | { readonly command: 'replay'; readonly options: ReplayOptions }
  | { readonly command: 'wrong'; readonly problem: string };

const wrong = (problem: string): Task => ({ command: 'wrong', problem });

const limitSchema = z.coerce.number().int().min(1).max(10_000_000);

const readScan = (args: string[]): Task => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      out: { type: 'string' },
      'fail-on': { type: 'string' },
      quiet: { type: 'boolean', default: false },
    },
  });
  const failOn = values['fail-on'];
  if (positionals.length === 0) return wrong('scan needs at least one file');
  if (failOn !== undefined && failOn !== 'flag' && failOn !== 'alert') return wrong('--fail-on takes flag or alert');
  const { format, out, quiet } = values;
  return { command: 'scan', options: { files: positionals, format, out, failOn, quiet } };
};

const readReplay = (args: string[]): Task => {
  const { values } = parseArgs({
    args,
    options: {
      tenant: { type: 'string', default: 'default' },
      limit: { type: 'string', default: '100000' },
      out: { type: 'string' },
    },
  });
  const limit = limitSchema.safeParse(values.limit);
  if (!limit.success) return wrong('--limit takes a whole number from 1');
  return { command: 'replay', options: { tenant: values.tenant, limit: limit.data, out: values.out } };
};

const readCommand = (command: string, rest: string[]): Task => {
  switch (command) {
    case 'serve':
    case 'migrate':
      return parseArgs({ args: rest, options: {} }) && { command };
    case 'config':
      return {
        command,
        json: parseArgs({ args: rest, options: { json: { type: 'boolean', default: false } } }).values.json,
      };
    case 'scan':
      return readScan(rest);
    case 'replay':
      return readReplay(rest);
    case '--version':
    case '-v':
      return { command: 'version' };
    case '--help':
    case '-h':
    case 'help':
      return { command: 'help' };
    default:
      return wrong(`there is no command ${command}`);
  }
};

export const readTask = (args: readonly string[]): Task => {
  const [command, ...rest] = args;
  if (command === undefined || rest.includes('--help')) return { command: 'help' };
  try {
    return readCommand(command, rest);
  } catch (error) {
    // parseArgs says which option it does not know.
    return wrong((error as Error).message);
  }
};
