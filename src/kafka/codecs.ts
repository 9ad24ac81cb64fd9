import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

// kafkajs reads gzip alone, and a batch in any other codec would stop its partition for good. Node brings zstd, so that is
// added; snappy and lz4 are not to be had without a dependency (docs/kafka.md says what to do about them).

/** Largest batch after decompression, in bytes: a few kilobytes of zstd can claim to hold gigabytes. */
const MAX_BATCH = 512 * 1024 * 1024;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const zstd = () => ({
  compress: (encoder: { buffer: Buffer }): Promise<Buffer> => compress(encoder.buffer),
  decompress: (buffer: Buffer): Promise<Buffer> => decompress(buffer, { maxOutputLength: MAX_BATCH }),
});

/** Safe to call more than once. */
export const registerCodecs = (): void => {
  Object.assign(kafkajs.CompressionCodecs, { [kafkajs.CompressionTypes.ZSTD]: zstd });
};
