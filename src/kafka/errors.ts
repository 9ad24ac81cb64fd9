import { CodedError } from '../domain/errors.ts';

// kafkajs wraps an error in an error in an error; what one decides by is the protocol's own name, somewhere inside.

const MAX_CHAIN = 8;

const chain = (error: unknown): Error[] => {
  const found: Error[] = [];
  let next: unknown = error;
  while (next instanceof Error && found.length < MAX_CHAIN) {
    found.push(next);
    next = next.cause;
  }
  return found;
};

/** The protocol's name for what happened (`MESSAGE_TOO_LARGE`), or undefined where it was not a broker that refused. */
export const protocolErrorOf = (error: unknown): string | undefined =>
  chain(error)
    .map((e) => (e as { type?: unknown }).type)
    .find((type): type is string => typeof type === 'string');

export const isTooLarge = (error: unknown): boolean => {
  const type = protocolErrorOf(error);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
};

/** In words, for health answers and logs. Messages of our own and of kafkajs hold no text of a record; others are dropped. */
export const explainKafkaError = (error: unknown): string => {
  const links = chain(error);
  if (links.some((e) => e.name === 'KafkaJSNotImplemented')) {
    return 'a batch is compressed with a codec that is not supported (snappy or lz4); use gzip, zstd or none';
  }
  const known = links.find((e) => e instanceof CodedError || e.name.startsWith('KafkaJS'));
  return (known?.message ?? links[0]?.name ?? 'unknown error').slice(0, 300);
};
