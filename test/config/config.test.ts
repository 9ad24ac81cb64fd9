import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Config, type Environment, loadConfig } from '../../src/config/config.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { CodedError } from '../../src/domain/errors.ts';

const NAMES = Object.keys(VARIABLES);

const refusal = (env: Environment): CodedError => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('a valid environment', () => {
  test('an empty one gives the documented defaults: loopback, embedded store, no Kafka', () => {
    expect(loadConfig({})).toEqual({
      production: false,
      role: 'all',
      http: {
        host: '127.0.0.1',
        port: 8080,
        publicUrl: undefined,
        maxBodyBytes: 16 * 1024 * 1024,
        requestTimeoutMs: 30_000,
        maxInFlight: 256,
        streams: { idleMs: 60_000, deadlineMs: 1_800_000, maxOpen: 1_000, bufferBytes: 268_435_456 },
      },
      access: {
        required: false,
        operatorKeyHash: undefined,
        oidc: undefined,
        ratePerMinute: 60_000,
        corsOrigins: [],
        metricsNeedKey: false,
      },
      drainTimeoutMs: 20_000,
      metricsModels: [],
      logLevel: 'info',
      store: {
        url: undefined,
        poolSize: 8,
        migrate: true,
        dataDir: './data',
        batchSize: 256,
        keepTraceShare: 0.05,
        auditEntriesPerMinute: 20_000,
      },
      retention: { textDays: 90, wordsDays: 365, verdictsDays: null, intervalMs: 3_600_000 },
      kafka: undefined,
      webhooks: undefined,
      detect: {
        deadlineMs: 2_000,
        threads: 0,
        categoriesDir: undefined,
        rulesDir: undefined,
        policyFile: undefined,
        detectors: ['heuristics', 'legibility', 'cross', 'classifier'],
        classifier: { maxWindows: 8, modelDir: undefined },
      },
      judge: undefined,
      judging: {
        waitMs: 60_000,
        concurrency: 4,
        perTenant: 4,
        leaseMs: 60_000,
        deadlineMs: 600_000,
        maxAttempts: 5,
        maxAgeMs: 21_600_000,
        limits: { tokens: null, costUsd: null },
      },
      canaryIntervalMs: 3_600_000,
      evaluations: undefined,
      serviceUrl: undefined,
      serviceKey: undefined,
    } satisfies Config);
  });

  test('an empty value counts as unset, for every variable', () => {
    expect(loadConfig(Object.fromEntries(NAMES.map((name) => [name, ''])))).toEqual(loadConfig({}));
  });

  test('names of other programs are none of our business', () => {
    expect(loadConfig({ PATH: '/usr/bin', HOME: '/', PORTS: '1', OPENAI_API_KEY: 'x' })).toEqual(loadConfig({}));
  });

  test('the names that Kubernetes injects for Services are ignored', () => {
    const injected = {
      KAFKA_SERVICE_HOST: '10.0.0.1',
      KAFKA_SERVICE_PORT: '9092',
      KAFKA_SERVICE_PORT_TCP_CLIENT: '9092',
      KAFKA_PORT: 'tcp://10.0.0.1:9092',
      KAFKA_PORT_9092_TCP: 'tcp://10.0.0.1:9092',
      KAFKA_PORT_9092_TCP_PROTO: 'tcp',
      KAFKA_PORT_9092_TCP_ADDR: '10.0.0.1',
      DATABASE_SERVICE_HOST: '10.0.0.2',
      COT_MONITOR_SERVICE_HOST: '10.0.0.3',
      COT_MONITOR_PORT_80_TCP_PORT: '80',
    };
    expect(loadConfig(injected)).toEqual(loadConfig({}));
  });

  test('nothing in it can be changed afterwards, at any depth', () => {
    const config = loadConfig({ KAFKA_BROKERS: 'a:9092', KAFKA_TLS: 'true' });
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(config)).toBe(true);
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });

  test('brokers are a list; blanks around and between them do not count', () => {
    expect(loadConfig({ KAFKA_BROKERS: ' a:9092 ,, b:9092,' }).kafka?.brokers).toEqual(['a:9092', 'b:9092']);
    expect(loadConfig({ KAFKA_BROKERS: ' , ' }).kafka).toBeUndefined();
  });

  test('topics, tenant and SASL reach the Kafka part', () => {
    const config = loadConfig({
      KAFKA_BROKERS: 'a:9092',
      KAFKA_VERDICTS_TOPIC: 'v',
      KAFKA_TENANT: 't',
      KAFKA_TENANT_HEADER: 'x-tenant',
      KAFKA_CREATE_TOPICS: 'false',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    });
    expect(config.kafka).toMatchObject({
      topics: {
        traces: 'reasoning.traces',
        alerts: 'reasoning.alerts',
        quarantine: 'reasoning.quarantine',
        verdicts: 'v',
      },
      tenant: 't',
      tenantHeader: 'x-tenant',
      createTopics: false,
      tls: undefined,
      sasl: { mechanism: 'plain', username: 'u', password: 'p' },
    });
  });

  test('addresses lose their closing slashes, so that paths can be put behind them', () => {
    const config = loadConfig({ PUBLIC_URL: 'https://monitor.example//', COT_MONITOR_URL: 'http://127.0.0.1:8080/' });
    expect(config.http.publicUrl).toBe('https://monitor.example');
    expect(config.serviceUrl).toBe('http://127.0.0.1:8080');
  });
});

describe('certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const pem = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `-- ${name} --`);
    return path;
  };

  test('are read at start', () => {
    const config = loadConfig({
      KAFKA_BROKERS: 'a:9092',
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: pem('ca.pem'),
      KAFKA_TLS_CERT_FILE: pem('cert.pem'),
      KAFKA_TLS_KEY_FILE: pem('key.pem'),
    });
    expect(config.kafka?.tls).toEqual({ ca: '-- ca.pem --', cert: '-- cert.pem --', key: '-- key.pem --' });
  });

  test('that cannot be read are named with their path and the reason', () => {
    const path = join(folder, 'absent.pem');
    const { errors } = refusal({ KAFKA_BROKERS: 'a:9092', KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: path });
    expect(errors).toEqual([{ path: 'KAFKA_TLS_CA_FILE', message: `cannot be read (ENOENT): ${path}` }]);
  });
});

describe('a wrong value', () => {
  test.each([
    ['PORT', 'eighty', 'must be a whole number'],
    ['PORT', '8080.5', 'must be a whole number'],
    ['PORT', '-1', 'must be a whole number'],
    ['PORT', ' 8080', 'must be a whole number'],
    ['PORT', '0x50', 'must be a whole number'],
    ['PORT', '65536', 'must be at most 65535'],
    ['MAX_BODY_BYTES', '10', 'must be at least 1024'],
    ['MAX_BODY_BYTES', '9'.repeat(40), 'must be a whole number'],
    ['KEEP_TRACE_SHARE', '1.5', 'must be a number between 0 and 1'],
    ['KEEP_TRACE_SHARE', '5%', 'must be a number between 0 and 1'],
    ['KEEP_TRACE_SHARE', 'NaN', 'must be a number between 0 and 1'],
    ['KAFKA_TLS', 'yes', 'must be true or false'],
    ['KAFKA_TLS', 'TRUE', 'must be true or false'],
    ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['KAFKA_SASL_MECHANISM', 'gssapi', 'must be one of plain, scram-sha-256, scram-sha-512'],
  ])('%s=%s is refused with what would be right', (name, value, message) => {
    const error = refusal({ [name]: value });
    expect(error.code).toBe('invalid_config');
    expect(error.errors).toEqual([{ path: name, message }]);
    expect(error.message).toContain(`${name} ${message}`);
  });

  test('does not hide the next one: all are reported at once', () => {
    const { errors } = refusal({ PORT: 'x', LOG_LEVEL: 'x', KAFKA_TOPIC: 'x' });
    expect(errors.map(({ path }) => path).sort()).toEqual(['KAFKA_TOPIC', 'LOG_LEVEL', 'PORT']);
  });

  test('is never echoed, whichever variable holds it', () => {
    // Certificate paths are the exception: without the path nobody could mend them, and a path is no secret.
    const names = NAMES.filter((name) => !name.endsWith('_FILE'));
    fc.assert(
      fc.property(fc.subarray(names, { minLength: 1 }), fc.stringMatching(/^[ -~]{0,20}$/), (chosen, padding) => {
        const canary = `c4n4ry${padding}`;
        try {
          loadConfig(Object.fromEntries(chosen.map((name) => [name, canary])));
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
          const { message, errors } = error as CodedError;
          expect(message + JSON.stringify(errors)).not.toContain('c4n4ry');
        }
      }),
    );
  });
});

describe('an unknown name under a prefix of ours', () => {
  test.each([
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['KAFKA_TRACE_TOPIC', 'KAFKA_TRACES_TOPIC'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['COT_MONITOR_URI', 'COT_MONITOR_URL'],
    ['STORE_BATCHSIZE', 'STORE_BATCH_SIZE'],
  ])('%s is refused with the suggestion %s', (name, guess) => {
    expect(refusal({ [name]: 'x' }).errors).toEqual([
      { path: name, message: `is not a setting; did you mean ${guess}?` },
    ]);
  });

  test('and like none that we know is to be removed', () => {
    expect(refusal({ KAFKA_ENTIRELY_DIFFERENT: 'x' }).errors).toEqual([
      { path: 'KAFKA_ENTIRELY_DIFFERENT', message: 'is not a setting; remove it' },
    ]);
  });
});

describe('settings that contradict one another', () => {
  const kafka = { KAFKA_BROKERS: 'a:9092' };
  const sasl = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' };

  test.each<[string, Environment, string, string]>([
    ['a CA without TLS', { ...kafka, KAFKA_TLS_CA_FILE: 'ca' }, 'KAFKA_TLS_CA_FILE', 'KAFKA_TLS=true'],
    [
      'a certificate without TLS',
      { ...kafka, KAFKA_TLS_CERT_FILE: 'c', KAFKA_TLS_KEY_FILE: 'k' },
      'KAFKA_TLS_CERT_FILE',
      'KAFKA_TLS=true',
    ],
    [
      'a certificate without its key',
      { ...kafka, KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: 'c' },
      'KAFKA_TLS_CERT_FILE',
      'KAFKA_TLS_KEY_FILE',
    ],
    [
      'a key without its certificate',
      { ...kafka, KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: 'k' },
      'KAFKA_TLS_CERT_FILE',
      'KAFKA_TLS_KEY_FILE',
    ],
    [
      'SASL without a user',
      { ...kafka, ...sasl, KAFKA_SASL_USERNAME: '' },
      'KAFKA_SASL_MECHANISM',
      'KAFKA_SASL_USERNAME',
    ],
    [
      'SASL without a password',
      { ...kafka, ...sasl, KAFKA_SASL_PASSWORD: '' },
      'KAFKA_SASL_MECHANISM',
      'KAFKA_SASL_PASSWORD',
    ],
    ['a password without SASL', { ...kafka, KAFKA_SASL_PASSWORD: 'p' }, 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM'],
    ['a user without SASL', { ...kafka, KAFKA_SASL_USERNAME: 'u' }, 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM'],
    [
      'alerts published where traces are read',
      { ...kafka, KAFKA_ALERTS_TOPIC: 'reasoning.traces' },
      'KAFKA_TRACES_TOPIC',
      'must differ',
    ],
    [
      'verdicts published where records are quarantined',
      { ...kafka, KAFKA_VERDICTS_TOPIC: 'reasoning.quarantine' },
      'KAFKA_TRACES_TOPIC',
      'must differ',
    ],
    ['the embedded store in production', { NODE_ENV: 'production' }, 'DATABASE_URL', 'ALLOW_EMBEDDED_STORE=true'],
    ['a role beside others on the embedded store', { ROLE: 'worker' }, 'ROLE', 'needs DATABASE_URL'],
    ['a role that does not exist', { ROLE: 'consumer' }, 'ROLE', 'all, api, worker'],
    ['leaving the embedded store to somebody else', { DATABASE_MIGRATE: 'false' }, 'DATABASE_MIGRATE', 'DATABASE_URL'],
    ['another database', { DATABASE_URL: 'mysql://u:p@h/d' }, 'DATABASE_URL', 'postgres://'],
    ['a public address without scheme', { PUBLIC_URL: 'monitor.example' }, 'PUBLIC_URL', 'https://'],
    ['a service address that is no web address', { COT_MONITOR_URL: 'file:///x' }, 'COT_MONITOR_URL', 'http://'],
  ])('%s is refused, with the variable and the fix', (_, env, path, fix) => {
    const mine = refusal(env).errors.filter((error) => error.path === path);
    expect(mine).not.toEqual([]);
    expect(mine.map(({ message }) => message).join('\n')).toContain(fix);
  });

  test('a password in a refused database address is not shown', () => {
    expect(refusal({ DATABASE_URL: 'mysql://user:hunter2@host/db' }).message).not.toContain('hunter2');
  });

  test('what resolves a contradiction is accepted', () => {
    expect(loadConfig({ NODE_ENV: 'production', ALLOW_EMBEDDED_STORE: 'true' }).production).toBe(true);
    expect(loadConfig({ NODE_ENV: 'production', DATABASE_URL: 'postgresql://h/d' }).store.url).toBe('postgresql://h/d');
    expect(loadConfig({ ...kafka, KAFKA_ALERTS_TOPIC: 'other' }).kafka?.topics.alerts).toBe('other');
  });
});
