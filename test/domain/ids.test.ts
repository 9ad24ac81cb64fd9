import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertIdOf, deriveId, flagIdOf, sha256 } from '../../src/domain/ids.ts';

const UUID_5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const part = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u0000'));

describe('derived ids', () => {
  // Computed with another implementation of RFC 9562. If one of these changes, every stored trace that is delivered again
  // becomes a new trace: don't change them.
  test.each([
    [['flag', 'default', 'trace-1'], 'fd45489c-1524-5671-9d79-8f6af415596b'],
    [['alert', 'default', 'trace-1'], '64a01d9a-b5b2-524b-b6fe-d8f743502b2b'],
    [[''], 'b404b4d4-5b92-5de4-a606-a6b3dde2667c'],
    [['ü', '日本', '😀'], '274e61eb-814f-5573-9ace-720193d0a83c'],
  ])('stay what they were for %j', (parts, id) => {
    expect(deriveId(...parts)).toBe(id);
  });

  test('carry the version and variant bits of RFC 9562, whatever they are made of', () => {
    fc.assert(fc.property(fc.array(part), (parts) => UUID_5.test(deriveId(...parts))));
  });

  test('differ when their parts do, also when the parts only meet elsewhere', () => {
    expect(deriveId('ab', 'c')).not.toBe(deriveId('a', 'bc'));
    expect(deriveId('a', '')).not.toBe(deriveId('a'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.array(part, { minLength: 1 }), (a, b) => {
        expect(deriveId(...a) === deriveId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  test('keep flags, alerts and tenants apart', () => {
    expect(flagIdOf('default', 'trace-1')).toBe('fd45489c-1524-5671-9d79-8f6af415596b');
    expect(alertIdOf('default', 'trace-1')).toBe('64a01d9a-b5b2-524b-b6fe-d8f743502b2b');
    const ids = [flagIdOf('a', 't'), flagIdOf('b', 't'), alertIdOf('a', 't'), alertIdOf('b', 't')];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('hashes', () => {
  test('are lower-case SHA-256 of the UTF-8 bytes', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('ü')).toBe(sha256(Buffer.from([0xc3, 0xbc])));
  });
});
