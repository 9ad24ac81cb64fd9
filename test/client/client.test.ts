import { expect, test } from 'vitest';
import { createMonitorClient } from '../../src/client/client.ts';

const answering = (status: number, body: object) => {
  const seen: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    seen.push(request);
    return Response.json(body, { status });
  };
  return { seen, fetch };
};

test('a verdict comes back as data, asked for with the key', async () => {
  const { seen, fetch } = answering(200, { decision: 'clear', risk: 0.01 });
  const client = createMonitorClient({ baseUrl: 'http://monitor.example', key: 'k', fetch });
  const { data, error } = await client.POST('/v1/monitor', { body: { prompt: 'p', reasoning: 'r', output: 'o' } });
  expect(error).toBeUndefined();
  expect(data).toMatchObject({ decision: 'clear' });
  expect(seen[0]?.url).toBe('http://monitor.example/v1/monitor');
  expect(seen[0]?.headers.get('authorization')).toBe('Bearer k');
});

test('a problem comes back as error, and nothing is thrown', async () => {
  const { fetch } = answering(404, { code: 'not_found', status: 404 });
  const client = createMonitorClient({ baseUrl: 'http://monitor.example', fetch });
  const { data, error } = await client.GET('/v1/verdicts/{traceId}', { params: { path: { traceId: 'a/b' } } });
  expect(data).toBeUndefined();
  expect(error).toMatchObject({ code: 'not_found' });
});

test('names in a path are escaped, and no key means no header', async () => {
  const { seen, fetch } = answering(200, {});
  const client = createMonitorClient({ baseUrl: 'http://monitor.example', fetch });
  await client.GET('/v1/verdicts/{traceId}', { params: { path: { traceId: '../keys?x=1' } } });
  expect(seen[0]?.url).toBe('http://monitor.example/v1/verdicts/..%2Fkeys%3Fx%3D1');
  expect(seen[0]?.headers.get('authorization')).toBeNull();
});
