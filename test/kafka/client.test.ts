import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { clientOptions } from '../../src/kafka/client.ts';
import { explainKafkaError, isTooLarge } from '../../src/kafka/errors.ts';
import { muteTimeoutWarning } from '../../src/kafka/warnings.ts';
import type { LogFields, Logger } from '../../src/observe/log.ts';
import { kafkaConfig, silent } from '../support/kafka/fixture.ts';

describe('Kafka client', () => {
  it('passes TLS and SASL on as configured, and neither where there is none', () => {
    const plain = clientOptions(kafkaConfig(['b:9092']), silent);
    expect(plain.ssl).toBeUndefined();
    expect(plain.sasl).toBeUndefined();
    const secure = clientOptions(
      kafkaConfig(['b:9093'], {
        tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
        sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
      }),
      silent,
    );
    expect(secure.ssl).toEqual({ ca: ['CA'], cert: 'CERT', key: 'KEY' });
    expect(secure.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'u', password: 'p' });
    expect(
      clientOptions(kafkaConfig([], { tls: { ca: undefined, cert: undefined, key: undefined } }), silent).ssl,
    ).toEqual({});
  });

  it('takes over lines of the client library without what they carry', () => {
    const lines: [string, LogFields, string][] = [];
    const at = (level: string) => (fields: LogFields, message: string) => void lines.push([level, fields, message]);
    const log: Logger = { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
    const write = clientOptions(kafkaConfig([]), log).logCreator!(kafkajs.logLevel.WARN);
    const payload = { value: 'reasoning text' };
    write({
      namespace: 'Connection',
      level: kafkajs.logLevel.ERROR,
      label: 'ERROR',
      log: {
        timestamp: '',
        message: 'm'.repeat(9_999),
        topic: 't',
        partition: 1,
        broker: 'b:9092',
        payload,
        error: 'reasoning text',
      },
    });
    expect(lines).toEqual([
      ['warn', { component: 'kafkajs.Connection', topic: 't', partition: 1, address: 'b:9092' }, 'm'.repeat(300)],
    ]);
  });
});

describe('Kafka errors', () => {
  it('are recognised however deep they are wrapped', () => {
    const inner = Object.assign(new Error('x'), { type: 'MESSAGE_TOO_LARGE' });
    expect(isTooLarge(new Error('a', { cause: new Error('b', { cause: inner }) }))).toBe(true);
    const loop: Error = new Error('a');
    loop.cause = loop;
    expect(isTooLarge(loop)).toBe(false);
  });

  it('are explained without the text of foreign errors', () => {
    expect(explainKafkaError(new SyntaxError('Unexpected token in reasoning text'))).toBe('SyntaxError');
    expect(explainKafkaError(new kafkajs.KafkaJSConnectionError('Connection error: ECONNREFUSED'))).toContain(
      'ECONNREFUSED',
    );
    expect(explainKafkaError('text')).toBe('unknown error');
  });
});

describe('warning filter', () => {
  it('drops the one warning, by name, and passes every other', () => {
    const passed: unknown[] = [];
    const target = { emitWarning: ((warning: unknown) => void passed.push(warning)) as typeof process.emitWarning };
    muteTimeoutWarning(target);
    const once = target.emitWarning;
    muteTimeoutWarning(target);
    expect(target.emitWarning).toBe(once);
    target.emitWarning('a', 'TimeoutNegativeWarning');
    target.emitWarning('b', { type: 'TimeoutNegativeWarning' });
    target.emitWarning(Object.assign(new Error('c'), { name: 'TimeoutNegativeWarning' }));
    target.emitWarning('TimeoutNegativeWarning');
    target.emitWarning('d', 'DeprecationWarning');
    expect(passed).toEqual(['TimeoutNegativeWarning', 'd']);
  });
});
