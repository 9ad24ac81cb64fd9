import { extname, join } from 'node:path';
import { Piscina } from 'piscina';
import { CodedError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/ids.ts';
import type { Place } from '../../domain/outcome.ts';
import type { View } from '../../domain/taxonomy.ts';
import { isReadable, type Trace, viewOf } from '../../domain/trace.ts';
import type { HeadFile } from './head.ts';
import { loadModel, SHIPPED_MODEL } from './model.ts';
import type { EncoderScores } from './result.ts';
import type { ScoreTask } from './score.ts';
import type { LocateTask } from './sentences.ts';
import type { WorkerData } from './worker.ts';

// Tier 1: a sentence encoder with trained heads, in worker threads of its own. It reads windows of a trace and says how
// much each, each view and the place that drove it look like what the heads were trained on. It decides nothing.

export interface EncoderScorerOptions {
  /** Folder with encoder.int8.onnx, vocab.txt and head.json; the shipped model where it is not given. */
  readonly folder?: string | undefined;
  /** Worker threads, each with a session of its own. */
  readonly threads: number;
  /** Most windows to read of one view; 24 where it is not given, at least 2. */
  readonly maxWindows?: number | undefined;
}

export interface EncoderScorer {
  /** Short form of `hash`. */
  readonly version: string;
  /** Lower-case hex SHA-256 of the head file, which names the hashes of encoder and vocabulary. */
  readonly hash: string;
  readonly heads: HeadFile['heads'];
  /** Of encoder, vocabulary and length in tokens: equal here, equal vectors. */
  readonly encoderHash: string;
  /**
   * Reads what it can until the deadline (milliseconds since the epoch) and answers within one window's time behind it.
   * @param priority places worth reading first, such as a rule's hits, the most interesting first
   */
  score(trace: Trace, deadline: number, priority?: readonly Place[]): Promise<EncoderScores>;
  /** The same without a deadline and with the vectors that the scores were made from. */
  embed(trace: Trace): Promise<EncoderScores>;
  /** The sentences that drove these windows' scores, as far as the deadline allows; see `Locate`. */
  locate(trace: Trace, view: View, windows: readonly Place[], deadline: number): Promise<readonly Place[]>;
  close(): Promise<void>;
}

const MAX_WINDOWS = 24;

const NOTHING: EncoderScores = {
  views: {},
  unjudged: {},
  coverage: { windows: 0, chosen: 0, scored: 0, cut: 0 },
  timedOut: false,
};

/**
 * Loads and checks the model, starts the threads and lets the encoder run once.
 * @throws CodedError `invalid_config` naming the file that is missing, not the one listed, or does not run
 */
export const createEncoderScorer = async (options: EncoderScorerOptions): Promise<EncoderScorer> => {
  const { folder = SHIPPED_MODEL, threads, maxWindows = MAX_WINDOWS } = options;
  const { head, hash } = loadModel(folder);
  const read = new Set<View>(head.heads.flatMap(({ views }) => views));
  const pool = new Piscina({
    filename: new URL(`./worker${extname(import.meta.filename)}`, import.meta.url).href,
    workerData: { folder, hash, maxWindows } satisfies WorkerData,
    minThreads: threads,
    maxThreads: threads,
  });

  const run = (trace: Trace, how: Pick<ScoreTask, 'deadline' | 'priority' | 'vectors'>): Promise<EncoderScores> => {
    const texts = trace.segments.flatMap((segment) => {
      const view = viewOf(segment.kind);
      return view === undefined || !read.has(view) || !isReadable(segment) || segment.text === ''
        ? []
        : [{ segment: segment.index, view, text: segment.text }];
    });
    if (texts.length === 0) return Promise.resolve(NOTHING);
    return pool.run({ texts, seed: trace.contentHash, ...how });
  };
  const score: EncoderScorer['score'] = (trace, deadline, priority = []) => run(trace, { deadline, priority });
  const embed: EncoderScorer['embed'] = (trace) =>
    run(trace, { deadline: Number.POSITIVE_INFINITY, priority: [], vectors: true });

  const locate: EncoderScorer['locate'] = (trace, view, windows, deadline) => {
    const withText = windows.map((place) => ({
      ...place,
      text: trace.segments[place.segment]!.text.slice(place.start, place.end),
    }));
    return pool.run({ view, windows: withText, deadline } satisfies LocateTask, { name: 'locate' });
  };

  try {
    const [view] = read;
    const texts = [{ segment: 0, view: view!, text: 'Ready.' }];
    const warmUp = (): Promise<unknown> =>
      pool.run({ texts, priority: [], deadline: Number.POSITIVE_INFINITY, seed: '' });
    await Promise.all(Array.from({ length: threads }, warmUp));
  } catch (cause) {
    await pool.destroy();
    throw new CodedError('invalid_config', `${join(folder, 'encoder.int8.onnx')}: the encoder does not run`, { cause });
  }

  const encoderHash = sha256(JSON.stringify([head.files, head.encoder]));
  const version = hash.slice(0, 16);
  return { version, hash, encoderHash, heads: head.heads, score, embed, locate, close: () => pool.close() };
};
