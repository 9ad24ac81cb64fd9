import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder, type Encoder } from '../../../src/detectors/classifier/encoder.ts';
import { loadModel, SHIPPED_MODEL } from '../../../src/detectors/classifier/model.ts';
import { tokenize } from '../../../src/detectors/classifier/wordpiece.ts';
import references from './fixtures/vectors.fp32.json' with { type: 'json' };

const model = loadModel(SHIPPED_MODEL);
let encoder: Encoder;
beforeAll(async () => {
  encoder = await createEncoder(model.encoder, 384);
});
afterAll(() => encoder.close());

const encode = (text: string) => encoder.encode(tokenize(text, model.vocabulary, 160).ids);

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
};

describe('the encoder', () => {
  it.each(references)('answers what the unquantised original answers, nearly: $text', async ({ text, vector }) => {
    const got = await encode(text);
    expect(got).toHaveLength(384);
    expect(cosine(got, vector)).toBeGreaterThan(0.98);
  });

  it('tells texts apart: none is as near to another as to itself', async () => {
    const vectors = await Promise.all(references.map(({ text }) => encode(text)));
    for (const [i, vector] of vectors.entries()) {
      const nearest = references.map((r) => cosine(vector, r.vector));
      expect(nearest.indexOf(Math.max(...nearest))).toBe(i);
    }
  });

  it('answers the same for a text whatever it read before, to the last bit', async () => {
    const [alone] = [await encode(references[1]!.text)];
    const before = [...alone];
    await encode('😀 '.repeat(100));
    await encode('');
    expect([...(await encode(references[1]!.text))]).toEqual(before);
  });

  it('does not start on bytes that are no graph', async () => {
    await expect(createEncoder(Buffer.from('not a graph'), 384)).rejects.toThrow();
  });

  it('does not answer vectors of another size than the head was trained on', async () => {
    const other = await createEncoder(model.encoder, 768);
    await expect(other.encode([101, 102])).rejects.toThrow('768');
    await other.close();
  });
});
