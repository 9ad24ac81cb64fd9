import { describe, expect, test } from 'vitest';
import { startFixture } from './fixture.ts';

describe('x-request-id', () => {
  test.each(['abc-123', '4bf92f3577b34da6a3ce929d0e0e4736', 'Root=1-67891233-abcdef012345678912345678'])(
    'a sane one comes back: %s',
    async (id) => {
      const { app } = await startFixture();
      const answer = await app.inject({ url: '/livez', headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toBe(id);
    },
  );

  test.each(['', 'a b', 'a"b', '<script>', 'é', 'a'.repeat(129)])('another is replaced: %j', async (id) => {
    const { app } = await startFixture();
    const answer = await app.inject({ url: '/livez', headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toBe('r-1');
  });

  test('every request without one gets its own, problems included', async () => {
    const { app } = await startFixture();
    expect((await app.inject('/livez')).headers['x-request-id']).toBe('r-1');
    expect((await app.inject('/nowhere')).headers['x-request-id']).toBe('r-2');
  });
});
