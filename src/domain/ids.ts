import { createHash, hash } from 'node:crypto';

// Ids derive from what they identify, so that a redelivered trace meets its own verdict, flag and alert again.

/** Namespace of every id that the service derives (a random UUID, fixed for good: changing it breaks deduplication). */
const NAMESPACE = Buffer.from('b6d0a3c25c4f4f0f9a0e6f4b7a1d2e93', 'hex');

const NUL = '\u0000';

/** Name-based UUID, version 5 (RFC 9562 §5.5). Parts are joined by NUL, which no identifier may hold. */
export const deriveId = (...parts: readonly string[]): string => {
  const digest = createHash('sha1').update(NAMESPACE).update(parts.join(NUL)).digest();
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

export const sha256 = (text: string | Buffer): string => hash('sha256', text, 'hex');

export const flagIdOf = (tenant: string, traceId: string): string => deriveId('flag', tenant, traceId);

export const alertIdOf = (tenant: string, traceId: string): string => deriveId('alert', tenant, traceId);

export const conversationAlertIdOf = (tenant: string, conversationId: string): string =>
  deriveId('conversation-alert', tenant, conversationId);
