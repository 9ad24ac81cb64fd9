import { zstdCompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { registerCodecs } from '../../src/kafka/codecs.ts';

describe('codecs', () => {
  it('reads and writes zstd', async () => {
    registerCodecs();
    const codecs = kafkajs.CompressionCodecs as unknown as Record<
      number,
      () => { compress(e: { buffer: Buffer }): Promise<Buffer>; decompress(b: Buffer): Promise<Buffer> }
    >;
    const zstd = codecs[kafkajs.CompressionTypes.ZSTD]!();
    const text = Buffer.from('records '.repeat(1_000));
    expect(await zstd.decompress(await zstd.compress({ buffer: text }))).toEqual(text);
    expect(await zstd.decompress(zstdCompressSync(text))).toEqual(text);
    await expect(zstd.decompress(Buffer.from('not zstd'))).rejects.toThrow();
  });
});
