import { type Examination, type ExamineTask, examine } from './examine.ts';

// Runs in a worker thread. Plain data in, plain data out.

export default (tasks: readonly ExamineTask[]): Examination[] => tasks.map(examine);
