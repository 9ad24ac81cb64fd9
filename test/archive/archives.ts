import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A zip of these members, as ordinary archivers write it. */
export const zipOf = (members: Readonly<Record<string, string | Buffer>>, compress = true): Promise<Buffer> => {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(members)) zip.addBuffer(Buffer.from(content), name, { compress });
  zip.end();
  return buffer(zip.outputStream);
};

/** One sample as Inspect writes it. */
export const sampleOf = (id: string, thought: string): object => ({
  id,
  epoch: 1,
  uuid: `u-${id}`,
  messages: [
    { id: `${id}-1`, role: 'user', content: 'Run the job.' },
    {
      id: `${id}-2`,
      role: 'assistant',
      content: [
        { type: 'reasoning', reasoning: thought, redacted: false },
        { type: 'text', text: 'Done.' },
      ],
    },
  ],
  scores: {},
});

export const HEADER = { version: 2, status: 'success', eval: { task: 'jobs', model: 'perch/lark-2' } };

export const evalLog = (samples: readonly object[], more: Readonly<Record<string, string | Buffer>> = {}) =>
  zipOf({
    'header.json': JSON.stringify(HEADER),
    ...Object.fromEntries(samples.map((sample, i) => [`samples/s${i}_epoch_1.json`, JSON.stringify(sample)])),
    'summaries.json': '[]',
    ...more,
  });

/** The same length, other bytes: what a checksum is for. */
export const replaced = (archive: Buffer, from: string, to: string): Buffer =>
  Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
