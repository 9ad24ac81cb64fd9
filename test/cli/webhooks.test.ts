import { expect, test } from 'vitest';
import { readTask } from '../../src/cli/arguments.ts';
import { mendWebhooks, remoteWebhookDesk } from '../../src/cli/webhooks.ts';
import { holdTerminal } from './fixture.ts';

const deliveries = [
  {
    id: 'd-1',
    endpoint: 'oncall',
    state: 'dead',
    alerts: 3,
    attempts: 16,
    createdAt: '2026-11-24T10:00:00.000Z',
    notBefore: '2026-11-24T10:00:00.000Z',
    reason: 'status_500',
  },
];

const serviceWith = (answers: unknown) => {
  const asked: unknown[] = [];
  const client = {
    call: async <T>(method: string, path: string, schema: { parse(value: unknown): T }, body?: unknown): Promise<T> => {
      asked.push([method, path, body]);
      return schema.parse(answers);
    },
  };
  return { asked, desk: remoteWebhookDesk(client) };
};

test('what did not get through is listed, and counted', async () => {
  const { asked, desk } = serviceWith({ items: deliveries });
  const terminal = holdTerminal();
  await mendWebhooks(desk, { action: 'list', tenant: 'acme', which: {} }, terminal);
  expect(asked).toEqual([['GET', '/v1/webhooks/deliveries?tenant=acme', undefined]]);
  expect(terminal.printed()).toMatch(/d-1 +oncall +dead +3 +16 .*status_500/);
  expect(terminal.printed()).toContain('1 messages, 1 of them dead.');
});

test('a retry says what it wants, and how many it got', async () => {
  const { asked, desk } = serviceWith({ deliveries: 2 });
  const terminal = holdTerminal();
  const task = readTask(['webhooks', 'retry', 'd-1', 'd-2']);
  if (task.command !== 'webhooks') throw new Error('is a webhooks task');
  await mendWebhooks(desk, task.task, terminal);
  expect(asked).toEqual([['POST', '/v1/webhooks/retries', { ids: ['d-1', 'd-2'] }]]);
  expect(terminal.printed()).toBe('2 messages go out again.\n');
});

test.each([
  ['nothing', []],
  ['another action', ['send']],
  ['nothing chosen', ['retry']],
  ['two choices', ['discard', 'd-1', '--all']],
  ['a choice for a list', ['list', '--endpoint', 'x']],
  ['an option that does not exist', ['retry', '--everything']],
])('%s is refused', (_, args) => {
  expect(readTask(['webhooks', ...args]).command).toBe('wrong');
});
