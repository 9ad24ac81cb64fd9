import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { FieldError } from '../domain/errors.ts';
import { MAX_NAME_LENGTH } from '../domain/limits.ts';
import type { Values } from './variables.ts';

// Endpoints that are told of alerts. The file names where secrets lie and holds none.

export interface WebhookEndpoint {
  /** Label of metrics and name in lists. */
  readonly name: string;
  readonly url: string;
  /** Each signs every message: two while one takes the place of the other. */
  readonly secrets: readonly string[];
  /** Whose alerts it is told of; `*` is everybody's. */
  readonly tenants: readonly string[];
}

export interface WebhooksConfig {
  readonly endpoints: readonly WebhookEndpoint[];
  /** Whether endpoints may have private addresses, and may there be called without TLS. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly groupMs: number;
  readonly attempts: number;
}

const tenantSchema = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), 'must not hold control characters');

const endpointSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower case letters, digits and hyphens'),
  url: z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
  // A list of tenants must be given: nobody's alerts should go to somebody else because a line was forgotten.
  tenants: z.array(tenantSchema).min(1),
  secretFile: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(5)]),
});

const fileSchema = z.strictObject({ endpoints: z.array(endpointSchema).max(100) });

type Endpoint = z.output<typeof endpointSchema>;

/** The bounds of the Standard Webhooks specification, in bytes. */
const SECRET_BYTES = { min: 24, max: 64 };

const PREFIX = 'whsec_';

const isSecret = (text: string): boolean => {
  if (!text.startsWith(PREFIX)) return false;
  const encoded = text.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && bytes.length >= SECRET_BYTES.min && bytes.length <= SECRET_BYTES.max;
};

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'not readable';

const readSecrets = ({ name, secretFile }: Endpoint, folder: string, problem: (text: string) => void): string[] =>
  [secretFile].flat().flatMap((file) => {
    let secret: string;
    try {
      secret = readFileSync(resolve(folder, file), 'utf8').trim();
    } catch (cause) {
      problem(`names a secret for ${name} that cannot be read (${codeOf(cause)}): ${file}`);
      return [];
    }
    if (isSecret(secret)) return [secret];
    problem(
      `names a secret for ${name} that is not whsec_ and the base64 of 24 to 64 bytes (echo whsec_$(openssl rand -base64 32) makes one): ${file}`,
    );
    return [];
  });

const readEndpoints = (path: string, allowPrivate: boolean, problem: (text: string) => void): WebhookEndpoint[] => {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    problem(`cannot be read (${codeOf(cause)}): ${path}`);
    return [];
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    const { path: place, message } = parsed.error.issues[0]!;
    problem(`is not valid at /${place.join('/')}: ${message}`);
    return [];
  }
  const { endpoints } = parsed.data;
  if (new Set(endpoints.map(({ name }) => name)).size < endpoints.length) problem('names an endpoint twice');
  for (const { name, url } of endpoints) {
    const { protocol, username, password } = new URL(url);
    if (protocol !== 'https:' && !allowPrivate) {
      problem(`has ${name} on http://: use https://, or WEBHOOK_ALLOW_PRIVATE=true for one in a private network`);
    }
    if (username + password !== '') problem(`has credentials in the address of ${name}: messages are signed instead`);
  }
  return endpoints.map((endpoint) => ({
    name: endpoint.name,
    url: endpoint.url,
    tenants: endpoint.tenants,
    secrets: readSecrets(endpoint, dirname(path), problem),
  }));
};

/** Undefined where no file is named. Adds to `problems` what is wrong with it. */
export const webhooksConfig = (v: Values, problems: FieldError[]): WebhooksConfig | undefined => {
  if (v.WEBHOOKS_FILE === undefined) return undefined;
  const problem = (message: string): void => {
    problems.push({ path: 'WEBHOOKS_FILE', message });
  };
  return {
    endpoints: readEndpoints(v.WEBHOOKS_FILE, v.WEBHOOK_ALLOW_PRIVATE, problem),
    allowPrivate: v.WEBHOOK_ALLOW_PRIVATE,
    timeoutMs: v.WEBHOOK_TIMEOUT_MS,
    groupMs: v.WEBHOOK_GROUP_MS,
    attempts: v.WEBHOOK_ATTEMPTS,
  };
};
