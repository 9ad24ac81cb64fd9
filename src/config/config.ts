import { readFileSync } from 'node:fs';
import { CodedError, type FieldError } from '../domain/errors.ts';
import { type AccessConfig, readAccess } from './access.ts';
import { type EvaluationsConfig, evaluationsConfig, evaluationsProblems } from './evaluations.ts';
import { type JudgeConfig, type JudgingConfig, judgeConfig, judgeContradictions, judgingConfig } from './judge.ts';
import { type KafkaConfig, kafkaConfig } from './kafka.ts';
import { type RetentionConfig, retentionConfig } from './retention.ts';
import { VARIABLES, type Values, type VariableName } from './variables.ts';
import { type WebhooksConfig, webhooksConfig } from './webhooks.ts';

// The environment, parsed once into one frozen object. This folder is the only reader of process.env.

export type Role = Values['ROLE'];

export interface Config {
  readonly production: boolean;
  readonly role: Role;
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly publicUrl: string | undefined;
    readonly maxBodyBytes: number;
    readonly requestTimeoutMs: number;
    readonly maxInFlight: number;
    /** Batches and live streams. */
    readonly streams: {
      readonly idleMs: number;
      readonly deadlineMs: number;
      readonly maxOpen: number;
      readonly bufferBytes: number;
    };
  };
  readonly access: AccessConfig;
  readonly drainTimeoutMs: number;
  /** Models that metrics tell apart: `name` or `name@version`. */
  readonly metricsModels: readonly string[];
  readonly logLevel: Values['LOG_LEVEL'];
  readonly store: {
    readonly url: string | undefined;
    readonly poolSize: number;
    /** Whether a start brings an older store up to date, or is refused. */
    readonly migrate: boolean;
    readonly dataDir: string;
    readonly batchSize: number;
    readonly keepTraceShare: number;
    /** 0: the running check of the audit chains is off. */
    readonly auditEntriesPerMinute: number;
  };
  readonly retention: RetentionConfig;
  readonly kafka: KafkaConfig | undefined;
  /** Who is told of alerts over HTTPS; undefined: nobody. */
  readonly webhooks: WebhooksConfig | undefined;
  readonly detect: {
    readonly deadlineMs: number;
    readonly threads: number;
    readonly categoriesDir: string | undefined;
    readonly rulesDir: string | undefined;
    readonly policyFile: string | undefined;
    readonly detectors: readonly Values['DETECTORS'][number][];
    readonly classifier: { readonly maxWindows: number; readonly modelDir: string | undefined };
  };
  readonly judge: JudgeConfig | undefined;
  readonly judging: JudgingConfig;
  readonly canaryIntervalMs: number;
  /** Where verdicts go as OpenTelemetry events; undefined: nowhere. */
  readonly evaluations: EvaluationsConfig | undefined;
  readonly serviceUrl: string | undefined;
  /** What commands send to the service at `serviceUrl`. */
  readonly serviceKey: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const isVariable = (name: string): name is VariableName => Object.hasOwn(VARIABLES, name);

/** Prefixes that are ours: a name under one of them that we do not know is a spelling mistake, not somebody else's. */
const OWN_PREFIXES = ['KAFKA_', 'JUDGE_', 'DATABASE_', 'DETECT_', 'STORE_', 'COT_MONITOR_', 'OIDC_', 'WEBHOOK'];

/** Kubernetes injects such names for every Service called kafka, database … */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)|_PORT(_\d+_(TCP|UDP)|$)/;

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
};

const nearest = (name: string): string | undefined =>
  Object.keys(VARIABLES)
    .map((known) => ({ known, d: distance(name, known) }))
    .filter(({ d }) => d <= 3)
    .sort((a, b) => a.d - b.d)[0]?.known;

const unknownNames = (env: Environment): FieldError[] =>
  Object.keys(env)
    .filter((name) => OWN_PREFIXES.some((p) => name.startsWith(p)) && !isVariable(name) && !SERVICE_LINK.test(name))
    .map((name) => {
      const guess = nearest(name);
      return {
        path: name,
        message: guess ? `is not a setting; did you mean ${guess}?` : 'is not a setting; remove it',
      };
    });

const readValues = (env: Environment, problems: FieldError[]): Values => {
  const values: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(VARIABLES)) {
    const raw = env[name];
    const parsed = schema.safeParse(raw === '' ? undefined : raw);
    if (parsed.success) values[name] = parsed.data;
    else problems.push({ path: name, message: reason(parsed.error) });
  }
  return values as Values;
};

/** A union reports one issue whose branches hold the message that was meant. */
const reason = (error: {
  issues: readonly { message: string; errors?: readonly (readonly { message: string }[])[] }[];
}): string => {
  const issue = error.issues[0]!;
  return issue.errors?.[0]?.[0]?.message ?? issue.message;
};

const readPem = (name: VariableName, path: string | undefined, problems: FieldError[]): string | undefined => {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    problems.push({ path: name, message: `cannot be read (${(cause as NodeJS.ErrnoException).code}): ${path}` });
    return undefined;
  }
};

const contradictions = (v: Values): FieldError[] => {
  const problems: FieldError[] = [];
  const tls = ['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'] as const;
  for (const name of tls) {
    if (v[name] !== undefined && !v.KAFKA_TLS) problems.push({ path: name, message: 'needs KAFKA_TLS=true' });
  }
  if ((v.KAFKA_TLS_CERT_FILE === undefined) !== (v.KAFKA_TLS_KEY_FILE === undefined)) {
    problems.push({ path: 'KAFKA_TLS_CERT_FILE', message: 'and KAFKA_TLS_KEY_FILE go together: set both or neither' });
  }
  if (
    v.KAFKA_SASL_MECHANISM !== undefined &&
    (v.KAFKA_SASL_USERNAME === undefined || v.KAFKA_SASL_PASSWORD === undefined)
  ) {
    problems.push({ path: 'KAFKA_SASL_MECHANISM', message: 'needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD' });
  }
  if (v.KAFKA_SASL_MECHANISM === undefined && (v.KAFKA_SASL_USERNAME ?? v.KAFKA_SASL_PASSWORD) !== undefined) {
    problems.push({ path: 'KAFKA_SASL_USERNAME', message: 'needs KAFKA_SASL_MECHANISM' });
  }
  const topics = [v.KAFKA_TRACES_TOPIC, v.KAFKA_ALERTS_TOPIC, v.KAFKA_QUARANTINE_TOPIC, v.KAFKA_VERDICTS_TOPIC];
  const named = topics.filter((t) => t !== undefined);
  if (new Set(named).size !== named.length) {
    problems.push({
      path: 'KAFKA_TRACES_TOPIC',
      message: 'and the other topics must differ from one another, or alerts would be read as traces',
    });
  }
  if (v.NODE_ENV === 'production' && v.DATABASE_URL === undefined && !v.ALLOW_EMBEDDED_STORE) {
    problems.push({
      path: 'DATABASE_URL',
      message:
        'is needed in production: the embedded store does not survive the loss of power (ALLOW_EMBEDDED_STORE=true accepts that)',
    });
  }
  if (v.ROLE !== 'all' && v.DATABASE_URL === undefined) {
    problems.push({ path: 'ROLE', message: `${v.ROLE} needs DATABASE_URL: the embedded store has one process alone` });
  }
  if (!v.DATABASE_MIGRATE && v.DATABASE_URL === undefined) {
    problems.push({
      path: 'DATABASE_MIGRATE',
      message: 'false needs DATABASE_URL: nothing else can reach the embedded store',
    });
  }
  if (v.MODEL_DIR !== undefined && !v.DETECTORS.includes('classifier')) {
    problems.push({ path: 'MODEL_DIR', message: 'needs classifier among DETECTORS' });
  }
  if (v.DATABASE_URL !== undefined && !/^postgres(ql)?:\/\//.test(v.DATABASE_URL)) {
    problems.push({ path: 'DATABASE_URL', message: 'must start with postgres:// or postgresql://' });
  }
  problems.push(...judgeContradictions(v));
  for (const name of ['PUBLIC_URL', 'COT_MONITOR_URL', 'EVALUATIONS_OTLP_URL'] as const) {
    const url = v[name];
    if (url !== undefined && !/^https?:\/\//.test(url))
      problems.push({ path: name, message: 'must start with http:// or https://' });
  }
  return [...problems, ...evaluationsProblems(v)];
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
};

/** @throws CodedError `invalid_config` that names every variable at fault and the fix. */
export const loadConfig = (env: Environment): Config => {
  const problems = unknownNames(env);
  const v = readValues(env, problems);
  if (problems.length === 0) problems.push(...contradictions(v));
  const access = problems.length === 0 ? readAccess(v, problems) : undefined;
  const tls = v.KAFKA_TLS
    ? {
        ca: readPem('KAFKA_TLS_CA_FILE', v.KAFKA_TLS_CA_FILE, problems),
        cert: readPem('KAFKA_TLS_CERT_FILE', v.KAFKA_TLS_CERT_FILE, problems),
        key: readPem('KAFKA_TLS_KEY_FILE', v.KAFKA_TLS_KEY_FILE, problems),
      }
    : undefined;
  const webhooks = problems.length === 0 ? webhooksConfig(v, problems) : undefined;
  if (access === undefined || problems.length > 0) {
    const lines = problems.map((p) => `  ${p.path} ${p.message}`).join('\n');
    throw new CodedError('invalid_config', `The configuration is not valid:\n${lines}`, { errors: problems });
  }
  return deepFreeze({
    production: v.NODE_ENV === 'production',
    role: v.ROLE,
    http: {
      host: v.HOST,
      port: v.PORT,
      publicUrl: v.PUBLIC_URL?.replace(/\/+$/, ''),
      maxBodyBytes: v.MAX_BODY_BYTES,
      requestTimeoutMs: v.REQUEST_TIMEOUT_MS,
      maxInFlight: v.MAX_IN_FLIGHT,
      streams: {
        idleMs: v.STREAM_IDLE_MS,
        deadlineMs: v.STREAM_DEADLINE_MS,
        maxOpen: v.MAX_STREAMS,
        bufferBytes: v.STREAM_BUFFER_BYTES,
      },
    },
    access,
    drainTimeoutMs: v.DRAIN_TIMEOUT_MS,
    metricsModels: v.METRICS_MODELS,
    logLevel: v.LOG_LEVEL,
    store: {
      url: v.DATABASE_URL,
      poolSize: v.DATABASE_POOL_SIZE,
      migrate: v.DATABASE_MIGRATE,
      dataDir: v.DATA_DIR,
      batchSize: v.STORE_BATCH_SIZE,
      keepTraceShare: v.KEEP_TRACE_SHARE,
      auditEntriesPerMinute: v.AUDIT_CHECK_ENTRIES_PER_MINUTE,
    },
    retention: retentionConfig(v),
    kafka: v.KAFKA_BROKERS.length === 0 ? undefined : kafkaConfig(v, tls),
    webhooks,
    detect: {
      deadlineMs: v.DETECT_DEADLINE_MS,
      threads: v.WORKER_THREADS,
      categoriesDir: v.CATEGORIES_DIR,
      rulesDir: v.RULES_DIR,
      policyFile: v.POLICY_FILE,
      detectors: v.DETECTORS,
      classifier: { maxWindows: v.CLASSIFIER_MAX_WINDOWS, modelDir: v.MODEL_DIR },
    },
    judge: judgeConfig(v),
    judging: judgingConfig(v),
    canaryIntervalMs: v.CANARY_INTERVAL_MS,
    evaluations: evaluationsConfig(v),
    serviceUrl: v.COT_MONITOR_URL?.replace(/\/+$/, ''),
    serviceKey: v.COT_MONITOR_KEY,
  });
};
