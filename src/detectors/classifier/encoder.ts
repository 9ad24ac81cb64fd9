import { InferenceSession, Tensor } from 'onnxruntime-node';

// The sentence encoder on onnxruntime: token ids in, one vector out (the mean over tokens of a middle layer).
//
// One window a run, never a batch: the quantised graph scales activations over everything it is given, so in a batch a
// window's vector would depend on its neighbours. Scores could not be replayed, and a hostile window could blur the
// others. On one thread batches gain next to nothing, and without them there is no padding.

export interface Encoder {
  /** @returns a vector of `dimensions` floats */
  encode(ids: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** One thread a session, none of them spinning: how much runs at once is the pool's decision. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
};

/**
 * @param bytes an ONNX graph: `input_ids` and `attention_mask`, int64 [windows, tokens] → `pooled`, float [windows, dimensions]
 * @throws Error where the graph cannot be loaded
 */
export const createEncoder = async (bytes: Uint8Array, dimensions: number): Promise<Encoder> => {
  const session = await InferenceSession.create(bytes, OPTIONS);
  return {
    encode: async (ids) => {
      const shape = [1, ids.length];
      const { pooled } = await session.run({
        input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape),
        attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
      });
      if (!(pooled?.data instanceof Float32Array) || pooled.data.length !== dimensions) {
        throw new Error(`the encoder did not answer ${dimensions} floats`);
      }
      return pooled.data;
    },
    close: () => session.release(),
  };
};
