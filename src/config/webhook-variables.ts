import { flag, MINUTE, optionalText, variable, whole } from './fields.ts';

// The variables of webhooks: which endpoints there are, and how they are told.

export const WEBHOOK_VARIABLES = {
  WEBHOOKS_FILE: variable(
    optionalText(),
    'YAML file that names the endpoints alerts are sent to, and the files of their secrets. Unset: none.',
  ),
  WEBHOOK_ALLOW_PRIVATE: variable(
    flag(false),
    'Allow endpoints at private and loopback addresses, and http:// to those. Link-local addresses never are.',
  ),
  WEBHOOK_TIMEOUT_MS: variable(
    whole(15_000, 100, 2 * MINUTE),
    'Longest time one attempt to deliver may take, from the look-up of the name to the answer, in milliseconds.',
  ),
  WEBHOOK_GROUP_MS: variable(
    whole(5 * MINUTE, 0, 24 * 60 * MINUTE),
    'Alerts of one rule, model and conversation within so many milliseconds are told of in one message. 0: each by itself.',
  ),
  WEBHOOK_ATTEMPTS: variable(
    whole(16, 1, 1_000),
    'How often a message is tried before it is kept as dead; with the default about ten hours pass.',
  ),
} as const;
