import { CodedError, isCallerError } from '../domain/errors.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';
import { openArchive } from './zip.ts';

// Inspect's `.eval`: a zip with a header and one JSON file for each sample. Every sample becomes a log of its own, so that
// it is the same trace whether it came in an archive or in a log that Inspect wrote as JSON.

export interface EvalSample {
  /** UTF-8 JSON, `{"eval": …, "samples": [the sample]}`; or why the sample could not be had. */
  readonly log: Buffer | CodedError;
}

export const ZIP_SUFFIX = '.eval';

const SAMPLE = /^samples\/[^/]+\.json$/;

/** A log that was not finished has its beginning in the journal only. */
const HEADERS = ['header.json', '_journal/start.json'];

const aboutOf = (header: Buffer): string => {
  const parsed = parseJsonBytes(header);
  const about = typeof parsed === 'object' && parsed !== null ? (parsed as { eval?: unknown }).eval : undefined;
  return JSON.stringify(about ?? {});
};

const readOrFault = async (read: () => Promise<Buffer>): Promise<Buffer | CodedError> => {
  try {
    return await read();
  } catch (error) {
    if (isCallerError(error)) return error;
    throw error;
  }
};

/**
 * The samples of a log in the order of the archive, one in memory at a time. A broken sample is told in its place, and the
 * next one follows.
 * @throws CodedError `malformed_archive`, `body_too_large`, `unreadable_input` for an archive that is broken as a whole
 */
export async function* readEvalLog(source: string | Buffer, maxBytes: number): AsyncGenerator<EvalSample> {
  const archive = await openArchive(source);
  try {
    const header = HEADERS.map((name) => archive.members.find(({ fileName }) => fileName === name)).find(Boolean);
    if (header === undefined) {
      throw new CodedError('malformed_archive', 'The archive is no Inspect log: it has no header.json.');
    }
    const opening = Buffer.from(`{"eval":${aboutOf(await archive.read(header, maxBytes))},"samples":[`);
    const closing = Buffer.from(']}');
    for (const member of archive.members) {
      if (!SAMPLE.test(member.fileName)) continue;
      const sample = await readOrFault(() => archive.read(member, maxBytes));
      yield { log: sample instanceof CodedError ? sample : Buffer.concat([opening, sample, closing]) };
    }
  } finally {
    archive.close();
  }
}

/**
 * The one sample of a log that was posted, as parsed JSON.
 * @throws CodedError `malformed_archive`, `body_too_large`, `invalid_body` for a log of several samples, `empty_trace` for
 * one of none, and what a broken sample is refused with
 */
export const readPostedEvalLog = async (archive: Buffer, maxBytes: number): Promise<unknown> => {
  let only: Buffer | undefined;
  for await (const { log } of readEvalLog(archive, maxBytes)) {
    if (only !== undefined) {
      throw new CodedError(
        'invalid_body',
        'The log holds several samples: post each as JSON, or use cot-monitor scan.',
      );
    }
    if (log instanceof CodedError) throw log;
    only = log;
  }
  if (only === undefined) throw new CodedError('empty_trace', 'The log holds no samples.');
  return parseJsonBytes(only);
};
