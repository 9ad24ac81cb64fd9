import { type CompareTask, type Comparison, compare } from './compare.ts';

// Runs in a worker thread. Plain data in, plain data out.

export default (tasks: readonly CompareTask[]): Comparison[] => tasks.map(compare);
