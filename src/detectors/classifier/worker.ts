import { workerData } from 'node:worker_threads';
import { createEncoder } from './encoder.ts';
import { loadModel } from './model.ts';
import type { EncoderScores } from './result.ts';
import { createTraceScorer, type ScoreTask, type ScoreTrace } from './score.ts';
import { createLocator, type Locate } from './sentences.ts';

// Runs in a worker thread: loads the model once, then scores. Plain data in, plain data out.

export interface WorkerData {
  readonly folder: string;
  /** Hash of the model that the main thread checked and reports. */
  readonly hash: string;
  readonly maxWindows: number;
}

interface Prepared {
  readonly score: ScoreTrace;
  readonly locate: Locate;
}

const prepare = async ({ folder, hash, maxWindows }: WorkerData): Promise<Prepared> => {
  const { head, vocabulary, encoder: bytes, hash: found } = loadModel(folder);
  // The folder may have changed since: scores must never go out under another model's name.
  if (found !== hash) throw new Error('the model changed while it was being loaded');
  const encoder = await createEncoder(bytes, head.encoder.dimensions);
  const deps = { encoder, vocabulary, head, now: Date.now };
  return { score: createTraceScorer({ ...deps, maxWindows }), locate: createLocator(deps) };
};

const prepared = prepare(workerData as WorkerData);
// Each task that awaits it rejects; without this the first failure would end the process before any could.
prepared.catch(() => undefined);

export default async (task: ScoreTask): Promise<EncoderScores> => (await prepared).score(task);

/** Called by name. */
export const locate: Locate = async (task) => (await prepared).locate(task);
