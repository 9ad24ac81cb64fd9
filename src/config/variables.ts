import { z } from 'zod';
import { choice, flag, list, MINUTE, optionalText, secret, share, text, variable, whole } from './fields.ts';
import { JUDGE_VARIABLES } from './judge-variables.ts';
import { STORAGE_VARIABLES } from './storage-variables.ts';
import { WEBHOOK_VARIABLES } from './webhook-variables.ts';

// Every environment variable the service reads: its name, shape, default and meaning. docs/configuration.md documents
// the same list and a parity test holds the two together. An empty value counts as unset, as compose files produce them.

export const DETECTOR_NAMES = ['heuristics', 'legibility', 'cross', 'classifier'] as const;

export const ROLES = ['all', 'api', 'worker'] as const;

export const VARIABLES = {
  NODE_ENV: variable(
    text('development'),
    'In `production` the embedded store is refused unless ALLOW_EMBEDDED_STORE is true.',
  ),
  ROLE: variable(
    choice(ROLES, 'all'),
    'What this process does: `api` answers REST and leaves Kafka, judge work, alerts, canaries and the watch over the audit chains to others; `worker` does those and answers probes and metrics alone.',
  ),
  HOST: variable(text('127.0.0.1'), 'Address to listen on.'),
  PORT: variable(whole(8080, 0, 65_535), 'Port to listen on; 0 takes a free one.'),
  PUBLIC_URL: variable(
    optionalText(),
    'Address under which others reach the service; alerts then carry absolute links.',
  ),
  MAX_BODY_BYTES: variable(
    whole(16 * 1024 * 1024, 1024, 512 * 1024 * 1024),
    'Largest request body or Kafka record read, in bytes.',
  ),
  REQUEST_TIMEOUT_MS: variable(
    whole(30_000, 1_000, 10 * MINUTE),
    'Longest time a client may take to send a request, in milliseconds.',
  ),
  MAX_IN_FLIGHT: variable(
    whole(256, 1, 100_000),
    'Traces that may be in the pipeline at once over REST; more are answered 503 with retry-after.',
  ),
  STREAM_IDLE_MS: variable(
    whole(MINUTE, 100, 60 * MINUTE),
    'Longest time the client of a batch or a stream may neither send nor read, in milliseconds.',
  ),
  STREAM_DEADLINE_MS: variable(
    whole(30 * MINUTE, 1_000, 24 * 60 * MINUTE),
    'Longest time a stream may stay open, in milliseconds; it then gets the verdict on what came.',
  ),
  MAX_STREAMS: variable(
    whole(1_000, 1, 100_000),
    'Streams that may be open at once; more are answered 503 with retry-after.',
  ),
  STREAM_BUFFER_BYTES: variable(
    whole(256 * 1024 * 1024, 1024 * 1024, 64 * 1024 * 1024 * 1024),
    'Most text held for all open streams together, in bytes; the stream that would exceed it gets the verdict on what came.',
  ),
  DRAIN_TIMEOUT_MS: variable(
    whole(20_000, 0, 10 * MINUTE),
    'Longest time a shutdown waits for work in hand, in milliseconds.',
  ),
  LOG_LEVEL: variable(
    choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    'Least severe level that is logged.',
  ),

  AUTH: variable(
    z.enum(['on', 'off'], 'must be on or off').optional(),
    'Whether requests need a key or token. Unset: unless HOST is a loopback address. `off` elsewhere stops the start.',
  ),
  ADMIN_KEY: secret(
    optionalText(),
    'The first key, with every scope and for every tenant, of at least 32 characters. It makes the others.',
  ),
  ADMIN_KEY_FILE: variable(optionalText(), 'File that holds what ADMIN_KEY would.'),
  OIDC_ISSUER: variable(optionalText(), 'Issuer of the tokens that are accepted. Unset: no tokens are.'),
  OIDC_AUDIENCE: variable(optionalText(), 'Audience that tokens must name.'),
  OIDC_JWKS_URL: variable(optionalText(), "Address of the issuer's public keys (its `jwks_uri`)."),
  OIDC_ROLES_CLAIM: variable(
    text('roles'),
    "Claim with the caller's roles: a list, or words in one text. Dots lead into objects.",
  ),
  OIDC_ROLES: variable(
    list('ingest=ingest,audit=audit,admin=admin'),
    'Which role has which scope, as role=scope pairs. Other roles mean nothing.',
  ),
  OIDC_TENANT_CLAIM: variable(
    optionalText(),
    'Claim that names the tenant; tokens without it are refused. Unset: every token belongs to OIDC_TENANT.',
  ),
  OIDC_TENANT: variable(text('default'), 'Tenant of tokens where OIDC_TENANT_CLAIM is unset.'),
  OIDC_CLIENT_ID: variable(
    optionalText(),
    'Public client id under which the page at /console signs in (authorization code with PKCE). Unset: it takes keys only.',
  ),
  OIDC_SCOPES: variable(text('openid'), 'Scopes that the page asks the issuer for, separated by blanks.'),
  RATE_LIMIT_PER_MINUTE: variable(
    whole(60_000, 0, 100_000_000),
    'Requests a minute that one key or token holder may send to one replica; 0: no limit.',
  ),
  CORS_ORIGINS: variable(list(), 'Comma-separated origins whose pages may call the API. Unset: none.'),
  METRICS_MODELS: variable(
    list(),
    'Comma-separated models, name or name@version, that metrics tell apart; all others count as other.',
  ),
  METRICS_AUTH: variable(flag(false), 'Whether /metrics needs a key or token too.'),

  DATABASE_URL: secret(
    optionalText(),
    'PostgreSQL connection string (version 15 or newer). Unset: the embedded store under DATA_DIR.',
  ),
  DATABASE_POOL_SIZE: variable(whole(8, 1, 200), 'Largest number of PostgreSQL connections held by one process.'),
  DATABASE_MIGRATE: variable(
    flag(true),
    'Bring the store to the shape that this version needs at the start. `false`: that is left to `cot-monitor migrate`, and a start before it is refused.',
  ),
  DATA_DIR: variable(text('./data'), 'Folder of the embedded store.'),
  ALLOW_EMBEDDED_STORE: variable(
    flag(false),
    'Allow the embedded store although NODE_ENV is `production`. It survives the death of the process, not the loss of power.',
  ),
  STORE_BATCH_SIZE: variable(whole(256, 1, 5_000), 'Most verdicts written in one transaction.'),
  KEEP_TRACE_SHARE: variable(
    share(0.05),
    'Share of unflagged traces whose text is kept for review, drawn by hash of the trace id. Flagged traces are always kept.',
  ),
  AUDIT_CHECK_ENTRIES_PER_MINUTE: variable(
    whole(20_000, 0, 10_000_000),
    'Entries of the audit chains that the running check walks a minute, over and over. 0: there is no such check.',
  ),
  ...STORAGE_VARIABLES,

  KAFKA_BROKERS: variable(list(), 'Comma-separated brokers. Unset: no Kafka.'),
  KAFKA_CLIENT_ID: variable(text('cot-monitor'), 'Client id shown to the brokers.'),
  KAFKA_GROUP_ID: variable(text('cot-monitor'), 'Consumer group.'),
  KAFKA_TRACES_TOPIC: variable(text('reasoning.traces'), 'Topic that traces are read from.'),
  KAFKA_ALERTS_TOPIC: variable(text('reasoning.alerts'), 'Topic that alerts are published on.'),
  KAFKA_QUARANTINE_TOPIC: variable(
    text('reasoning.quarantine'),
    'Topic for records that could not be read, with the reason.',
  ),
  KAFKA_VERDICTS_TOPIC: variable(optionalText(), 'Topic that every verdict is published on. Unset: none.'),
  KAFKA_TENANT: variable(text('default'), 'Tenant of traces read from KAFKA_TRACES_TOPIC.'),
  KAFKA_TENANT_HEADER: variable(
    optionalText(),
    'Record header that names the tenant. Set it only where producers are trusted.',
  ),
  KAFKA_CREATE_TOPICS: variable(flag(true), 'Create missing topics at start.'),
  KAFKA_TOPIC_PARTITIONS: variable(whole(6, 1, 10_000), 'Partitions of topics created at start.'),
  KAFKA_TOPIC_REPLICATION: variable(whole(1, 1, 10), 'Replication factor of topics created at start.'),
  KAFKA_FROM_BEGINNING: variable(
    flag(true),
    'Where a new consumer group starts: at the oldest record, or at the newest.',
  ),
  KAFKA_CONCURRENCY: variable(whole(64, 1, 10_000), 'Records of one partition in the pipeline at once.'),
  KAFKA_STALL_MS: variable(
    whole(2 * MINUTE, 5_000, 60 * MINUTE),
    'Without progress for so long although records wait, liveness fails, in milliseconds.',
  ),
  KAFKA_TLS: variable(flag(false), 'Connect over TLS.'),
  KAFKA_TLS_CA_FILE: variable(optionalText(), 'PEM file with the certificate authority of the brokers.'),
  KAFKA_TLS_CERT_FILE: variable(optionalText(), 'PEM file with the client certificate.'),
  KAFKA_TLS_KEY_FILE: variable(optionalText(), 'PEM file with the key of the client certificate.'),
  KAFKA_SASL_MECHANISM: variable(
    z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'must be one of plain, scram-sha-256, scram-sha-512')
      .optional(),
    'SASL mechanism. Unset: no SASL.',
  ),
  KAFKA_SASL_USERNAME: variable(optionalText(), 'SASL user name.'),
  KAFKA_SASL_PASSWORD: secret(optionalText(), 'SASL password.'),

  DETECT_DEADLINE_MS: variable(
    whole(2_000, 10, 10 * MINUTE),
    'Time the cheap tiers have for one trace, in milliseconds. What was not assessed by then is reported as `timeout`.',
  ),
  WORKER_THREADS: variable(
    whole(0, 0, 256),
    'Detector threads; 0 takes one fewer than there are processors, at least one.',
  ),
  CATEGORIES_DIR: variable(optionalText(), "Folder of the operator's own categories, read beside the shipped ones."),
  RULES_DIR: variable(optionalText(), "Folder of the operator's own rules, read beside the shipped ones."),
  DETECTORS: variable(
    z
      .string()
      .transform((v) => v.split(',').map((s) => s.trim()))
      .pipe(z.array(z.enum(DETECTOR_NAMES, `must be a comma-separated list of ${DETECTOR_NAMES.join(', ')}`)))
      .refine((names) => names.includes('heuristics'), 'must name heuristics')
      .or(z.undefined().transform(() => [...DETECTOR_NAMES])),
    'Which detectors run. Rules (heuristics) always do; without the others a trace costs less and less is found.',
  ),
  CLASSIFIER_MAX_WINDOWS: variable(
    whole(8, 2, 1_000),
    'Most windows (of up to 480 characters) that the classifier reads of one view; of longer texts a stratified sample is read.',
  ),
  MODEL_DIR: variable(
    optionalText(),
    "Folder of the operator's own encoder and heads, used in place of the shipped model.",
  ),
  POLICY_FILE: variable(optionalText(), 'Policy file used in place of the shipped policy.yaml.'),

  ...WEBHOOK_VARIABLES,
  ...JUDGE_VARIABLES,
  EVALUATIONS_OTLP_URL: variable(
    optionalText(),
    'Whole address of an OTLP/HTTP logs endpoint that verdicts are sent to as `gen_ai.evaluation.result` events. Unset: none are.',
  ),
  EVALUATIONS_OTLP_HEADERS: secret(
    optionalText(),
    'Headers sent with those events: name=value pairs, separated by commas.',
  ),

  JUDGE_WAIT_MS: variable(
    whole(MINUTE, 0, 10 * MINUTE),
    'Longest time that `judge=wait` waits for the final verdict, in milliseconds; then the provisional one is answered.',
  ),
  JUDGE_WORKERS: variable(
    whole(4, 0, 1_000),
    'Traces that this process has the judge look at, at once. 0: it queues judge work and leaves it to other replicas.',
  ),
  JUDGE_TENANT_WORKERS: variable(whole(4, 1, 10_000), 'Traces of one tenant being judged at once, over all replicas.'),
  JUDGE_LEASE_MS: variable(
    whole(MINUTE, 3_000, 60 * MINUTE),
    'How long judge work of a process that died stays with it, in milliseconds. A living process renews in time.',
  ),
  JUDGE_DEADLINE_MS: variable(
    whole(10 * MINUTE, 1_000, 120 * MINUTE),
    'Longest time one try of judging a trace may take, with all its calls, in milliseconds.',
  ),
  JUDGE_TRIES: variable(
    whole(5, 1, 100),
    'How often a trace is tried before it is `judge_error` for good. Tries that sent no request do not count.',
  ),
  JUDGE_MAX_AGE_MS: variable(
    whole(6 * 60 * MINUTE, MINUTE, 30 * 24 * 60 * MINUTE),
    'Judge work that failed and is older than this is not tried again, in milliseconds.',
  ),
  JUDGE_DAILY_TOKENS: variable(
    whole(0, 0, 1_000_000_000_000),
    'Tokens that the judge may use for one tenant in one day (UTC), over all replicas; then traces are `over_budget`. 0: no limit.',
  ),
  JUDGE_DAILY_COST_USD: variable(
    z
      .string()
      .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be an amount of US dollars such as 25 or 2.50')
      .transform(Number)
      .or(z.undefined().transform(() => 0)),
    'The same in US dollars, at the configured prices. What is in hand when it is reached goes on. 0: no limit.',
  ),
  CANARY_INTERVAL_MS: variable(
    whole(60 * MINUTE, 0, 7 * 24 * 60 * MINUTE),
    'How often the service sends itself traces with known answers, in milliseconds. 0: never.',
  ),

  COT_MONITOR_URL: variable(
    optionalText(),
    'Address of a running service that commands talk to, in place of opening the store themselves.',
  ),
  COT_MONITOR_KEY: secret(optionalText(), 'Key or token that commands send to the service at COT_MONITOR_URL.'),
} as const;

export type VariableName = keyof typeof VARIABLES;

export type Values = { readonly [K in VariableName]: z.output<(typeof VARIABLES)[K]['schema']> };
