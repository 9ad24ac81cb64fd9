import { describe, expect, test } from 'vitest';
import { createServiceClient } from '../../src/cli/remote-client.ts';
import { createRemoteReader } from '../../src/cli/remote-traces.ts';
import { sampleTurn } from '../http/fixture.ts';

type Answers = Readonly<Record<string, unknown>>;

/** Answers by path and query; a number is a status without a body. */
const service = (answers: Answers): { fetcher: typeof fetch; asked: string[] } => {
  const asked: string[] = [];
  const fetcher = async (url: unknown): Promise<Response> => {
    const path = String(url).replace('http://monitor', '');
    asked.push(path);
    const answer = answers[path];
    if (answer === undefined) throw new TypeError('fetch failed');
    return typeof answer === 'number' ? new Response('{}', { status: answer }) : Response.json(answer);
  };
  return { fetcher: fetcher as typeof fetch, asked };
};

const readerOf = (fetcher: typeof fetch) =>
  createRemoteReader(createServiceClient({ url: 'http://monitor', key: undefined }, fetcher));

const conversation = (id: string, ...traces: string[]) => ({
  conversationId: id,
  turns: traces.map((traceId) => ({ ...sampleTurn, traceId })),
});

describe('traces of a running service', () => {
  test('are those of every flagged conversation, each once', async () => {
    const { fetcher, asked } = service({
      '/v1/flags?limit=100': { items: [{ conversationId: 'c/1' }, { conversationId: 'c/1' }], next: 'n' },
      '/v1/flags?limit=100&cursor=n': { items: [{ conversationId: 'c/1' }, { conversationId: 'c2' }], next: null },
      '/v1/conversations/c%2F1': conversation('c/1', 't1', 't2'),
      '/v1/conversations/c2': conversation('c2', 't3'),
    });
    const read = readerOf(fetcher);
    const first = await read('default', { limit: 100 });
    expect(first.items.map((t) => [t.traceId, t.conversationId])).toEqual([
      ['t1', 'c/1'],
      ['t2', 'c/1'],
    ]);
    expect(first.items[0]?.occurredAt).toEqual(sampleTurn.occurredAt);
    const second = await read('default', { limit: 100, cursor: first.next ?? '' });
    expect(second.items.map((t) => t.traceId)).toEqual(['t3']);
    expect(second.next).toBeNull();
    expect(asked.filter((path) => path.includes('c%2F1'))).toHaveLength(1);
  });

  test('of a long conversation are read page by page', async () => {
    const { fetcher } = service({
      '/v1/flags?limit=1': { items: [{ conversationId: 'c1' }], next: null },
      '/v1/conversations/c1': { ...conversation('c1', 't1', 't2'), next: 'n/1' },
      '/v1/conversations/c1?cursor=n%2F1': { ...conversation('c1', 't3'), next: null },
    });
    expect((await readerOf(fetcher)('default', { limit: 1 })).items.map((t) => t.traceId)).toEqual(['t1', 't2', 't3']);
  });

  test('are asked for in pages that the service allows', async () => {
    const { fetcher, asked } = service({ '/v1/flags?limit=200': { items: [], next: null } });
    await readerOf(fetcher)('default', { limit: 5000 });
    expect(asked).toEqual(['/v1/flags?limit=200']);
  });

  test('of a service that does not answer are an error that says where', async () => {
    const read = readerOf(service({}).fetcher);
    await expect(read('default', { limit: 1 })).rejects.toMatchObject({
      code: 'unreadable_input',
      message: expect.stringContaining('http://monitor'),
    });
  });

  test('that may not be read are an error with the status, without the cursor', async () => {
    const read = readerOf(service({ '/v1/flags?limit=1&cursor=s': 403 }).fetcher);
    const failed = read('default', { limit: 1, cursor: 's' });
    await expect(failed).rejects.toMatchObject({
      code: 'unreadable_input',
      message: expect.stringMatching(/flags.*403/),
    });
    await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining('cursor') });
  });

  test('of another shape are refused', async () => {
    const { fetcher } = service({ '/v1/flags?limit=1': { flags: [] } });
    await expect(readerOf(fetcher)('default', { limit: 1 })).rejects.toThrow();
  });
});
