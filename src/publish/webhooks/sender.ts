import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import { type AddressKind, addressKind, ForbiddenAddress, guardedLookup } from './addresses.ts';

// One attempt to deliver. Nothing is followed, nothing of the answer is read but its head, and no attempt outlives its time.

export type Attempt =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  /** In a word; never what the other side said. */
  | { readonly kind: 'failed'; readonly reason: string };

export type Send = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<Attempt>;

export interface SenderOptions {
  readonly allowPrivate: boolean;
  /** Milliseconds, from the look-up of the name to the head of the answer. */
  readonly timeoutMs: number;
  /** Set in tests. */
  readonly lookup?: Parameters<typeof guardedLookup>[1];
}

const reasonOf = (error: unknown, timedOut: boolean): string => {
  if (timedOut) return 'timeout';
  if (error instanceof ForbiddenAddress) return 'forbidden_address';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : 'connection';
};

export const createSender = ({ allowPrivate, timeoutMs, lookup }: SenderOptions): Send => {
  /** Without TLS only inside a private network: what crosses the internet in the clear is anybody's to read and change. */
  const allows =
    (tls: boolean) =>
    (kind: AddressKind): boolean =>
      kind === 'public' ? tls : kind === 'private' && allowPrivate;

  return (url, headers, body, signal) =>
    new Promise((settle) => {
      const target = new URL(url);
      const tls = target.protocol === 'https:';
      const host = target.hostname.replace(/^\[|\]$/g, '');
      // A name that is an address already is not looked up.
      if (isIP(host) !== 0 && !allows(tls)(addressKind(host))) {
        return settle({ kind: 'failed', reason: 'forbidden_address' });
      }
      const timeout = AbortSignal.timeout(timeoutMs);
      const request = (tls ? requestTls : requestPlain)(target, {
        method: 'POST',
        // A connection of its own: one that was made under another name's check must not be used again.
        agent: false,
        lookup: guardedLookup(allows(tls), lookup),
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.any([signal, timeout]),
      });
      request.on('response', (response) => {
        const { statusCode: status = 0 } = response;
        const { 'retry-after': retryAfter } = response.headers;
        response.on('error', () => {});
        response.destroy();
        settle({ kind: 'answered', status, retryAfter });
      });
      request.on('error', (error) => settle({ kind: 'failed', reason: reasonOf(error, timeout.aborted) }));
      request.end(body);
    });
};
