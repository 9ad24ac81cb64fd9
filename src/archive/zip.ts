import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { CodedError } from '../domain/errors.ts';

// Zip archives from strangers, read member by member and never written to disk. A member is held in memory, so it is
// bounded while it unpacks, by what comes out and not by what its header says. Members that share bytes are refused: that is
// how a small archive unpacks to more than its own size times what compression can do.

/** Far more samples than any log has; a directory of millions is an attack on whoever lists it. */
const MAX_MEMBERS = 200_000;

const DEFLATE = 8;
/** As written by newer archivers; the reader leaves it to us. */
const ZSTANDARD = 93;

export interface Archive {
  readonly members: readonly Entry[];
  /** @throws CodedError `malformed_archive`, `body_too_large` */
  read(member: Entry, maxBytes: number): Promise<Buffer>;
  close(): void;
}

const refuse = (detail: string, cause?: unknown): CodedError => new CodedError('malformed_archive', detail, { cause });

/** Names come from the archive: odd ones are not repeated. */
const shown = (name: string): string => (/^[\w./ @+=-]{1,120}$/.test(name) ? name : 'a member with an odd name');

const listMembers = async (zip: ZipFile): Promise<Entry[]> => {
  if (zip.entryCount > MAX_MEMBERS) throw refuse(`The archive has more than ${MAX_MEMBERS} members.`);
  const members: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) members.push(entry);
  } catch (cause) {
    // The reader checks every name: absolute ones, drives, backslashes and `..` end up here.
    throw refuse('The archive’s directory is broken, or names a member outside of it.', cause);
  }
  let end = 0;
  for (const member of members.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)) {
    if (member.relativeOffsetOfLocalHeader < end)
      throw refuse('Members of the archive overlap, as those of a bomb do.');
    end = member.relativeOffsetOfLocalHeader + member.compressedSize;
  }
  return members;
};

const unpackerOf = (member: Entry): Transform | undefined => {
  switch (member.compressionMethod) {
    case 0:
      return undefined;
    case DEFLATE:
      return createInflateRaw();
    case ZSTANDARD:
      return createZstdDecompress();
    default:
      throw refuse(`${shown(member.fileName)} is compressed in a way that is not read.`);
  }
};

const readMember = async (zip: ZipFile, member: Entry, maxBytes: number): Promise<Buffer> => {
  const name = shown(member.fileName);
  if (member.isEncrypted()) throw refuse(`${name} is encrypted.`);
  const unpacker = unpackerOf(member);
  const chunks: Buffer[] = [];
  let size = 0;
  let checksum = 0;
  const collect = async (unpacked: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of unpacked) {
      size += chunk.length;
      if (size > maxBytes) throw new CodedError('body_too_large', `${name} unpacks to more than MAX_BODY_BYTES.`);
      checksum = crc32(chunk, checksum);
      chunks.push(chunk);
    }
  };
  try {
    const packed = await zip.openReadStreamPromise(member, { decodeFileData: false });
    await (unpacker === undefined ? pipeline(packed, collect) : pipeline(packed, unpacker, collect));
  } catch (cause) {
    throw cause instanceof CodedError ? cause : refuse(`${name} is broken.`, cause);
  }
  if (size !== member.uncompressedSize || checksum !== member.crc32)
    throw refuse(`${name} does not match its checksum.`);
  return Buffer.concat(chunks, size);
};

/**
 * Opens an archive, from a file or from memory, and lists its members.
 * @throws CodedError `malformed_archive`, `unreadable_input` for a file that cannot be opened
 */
export const openArchive = async (source: string | Buffer): Promise<Archive> => {
  let zip: ZipFile;
  try {
    zip = await (typeof source === 'string'
      ? openPromise(source, { autoClose: false, strictFileNames: true })
      : fromBufferPromise(source, { autoClose: false, strictFileNames: true }));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined)
      throw new CodedError('unreadable_input', `The archive cannot be read (${code}).`, { cause });
    throw refuse('This is not a zip archive, or its end is missing.', cause);
  }
  try {
    const members = await listMembers(zip);
    return { members, read: (member, maxBytes) => readMember(zip, member, maxBytes), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
};
