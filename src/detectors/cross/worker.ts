import { compare } from './compare.ts';
import type { CompareTask, Comparison } from './task.ts';

// Runs in a worker thread. Plain data in, plain data out.

export default (tasks: readonly CompareTask[]): Comparison[] => tasks.map(compare);
