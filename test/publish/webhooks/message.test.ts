import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { webhookMessage } from '../../../src/publish/webhooks/message.ts';
import { askedWait, outcomeOf } from '../../../src/publish/webhooks/retrying.ts';

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

const group = JSON.stringify({ type: 'raised', tenant: 'acme', count: 2, alerts: [] });
const at = new Date();
const message = (secrets: readonly string[] = [SECRET]) =>
  webhookMessage({ id: 'm-1', group, createdAt: new Date('2026-11-24T10:00:00Z'), secrets, at });

test('a receiver that uses the specification’s library accepts it', () => {
  const { body, headers } = message();
  expect(new Webhook(SECRET).verify(body, { ...headers })).toMatchObject({
    type: 'alert.raised',
    timestamp: '2026-11-24T10:00:00.000Z',
    data: { schema: 'cot-monitor.webhook.v1', tenant: 'acme', count: 2 },
  });
});

test('the signature is the HMAC that the specification asks for', () => {
  const { body, headers } = message();
  const seconds = Math.floor(at.getTime() / 1_000);
  const expected = createHmac('sha256', KEY).update(`m-1.${seconds}.${body}`).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
});

test('a changed body, another secret, or an old message is refused', () => {
  const { body, headers } = message();
  const verify = (secret: string, text: string, over: object = {}) =>
    new Webhook(secret).verify(text, { ...headers, ...over });
  expect(() => verify(SECRET, body.replace('acme', 'evil'))).toThrow();
  expect(() => verify(OTHER, body)).toThrow();
  expect(() => verify(SECRET, body, { 'webhook-id': 'm-2' })).toThrow();
  expect(() => verify(SECRET, body, { 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000) - 600) })).toThrow();
});

test('while a secret is changed, receivers of the old and of the new one accept it', () => {
  const { body, headers } = message([OTHER, SECRET]);
  for (const secret of [SECRET, OTHER]) expect(() => new Webhook(secret).verify(body, { ...headers })).not.toThrow();
});

const NOW = new Date('2026-11-24T10:00:00Z');
const after = (status: number, attempts: number, retryAfter?: string, random = 0.5) =>
  outcomeOf({ kind: 'answered', status, retryAfter }, { attempts, maxAttempts: 5, now: NOW, random: () => random });

test('2xx is delivered, everything else is tried again, later each time', () => {
  expect(after(204, 1)).toEqual({ kind: 'delivered' });
  expect(after(302, 1)).toMatchObject({ kind: 'retry', reason: 'status_302' });
  const waits = [1, 2, 3, 4].map((n) => (after(500, n) as { inMs: number }).inMs);
  expect(waits).toEqual([3_750, 15_000, 60_000, 240_000]);
  expect(after(500, 1, undefined, 0)).toMatchObject({ inMs: 2_500 });
  expect(after(500, 5)).toEqual({ kind: 'dead', reason: 'status_500' });
  expect(after(410, 1)).toEqual({ kind: 'dead', reason: 'status_410' });
});

test('an endpoint that asks for time gets it, within reason', () => {
  expect(after(429, 1, '120')).toMatchObject({ inMs: 120_000 });
  expect(after(429, 1, '1')).toMatchObject({ inMs: 3_750 });
  expect(askedWait('Tue, 24 Nov 2026 10:01:00 GMT', NOW)).toBe(60_000);
  expect(askedWait('999999999', NOW)).toBe(6 * 3_600_000);
  for (const nonsense of ['', 'soon', '-5', '1e99', 'Tue, 24 Nov 2020 10:01:00 GMT']) {
    expect(askedWait(nonsense, NOW)).toBe(0);
  }
});
