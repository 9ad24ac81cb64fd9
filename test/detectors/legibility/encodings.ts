// How the tests write text so that nobody can read it.

const letters = (text: string, map: (place: number) => number): string =>
  text.replace(/[a-z]/gi, (c) => {
    const base = c < 'a' ? 65 : 97;
    return String.fromCharCode(base + map(c.charCodeAt(0) - base));
  });

const bytes = (text: string): number[] => [...Buffer.from(text)];
const bits = (text: string): string[] => bytes(text).map((b) => b.toString(2).padStart(8, '0'));

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const rotate = (text: string, by: number): string => letters(text, (place) => (place + by) % 26);
export const backwards = (text: string): string => [...text].reverse().join('');
export const tags = (text: string): string =>
  bytes(text)
    .map((b) => String.fromCodePoint(0xe0000 + b))
    .join('');

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const ENCODINGS: readonly (readonly [signal: string, write: (text: string) => string])[] = [
  ['encoded-base64', base64],
  ['encoded-base64', (text) => base64(text).replace(/.{64}/g, '$&\n')],
  [
    'encoded-base32',
    (text) => (bits(text).join('').match(/.{5}/g) ?? []).map((b) => BASE32[Number.parseInt(b, 2)]).join(''),
  ],
  ['encoded-hex', (text) => Buffer.from(text).toString('hex')],
  [
    'encoded-hex',
    (text) =>
      bytes(text)
        .map((b) => `0x${b.toString(16)}`)
        .join(','),
  ],
  ['encoded-binary', (text) => bits(text).join(' ')],
  ['encoded-binary', (text) => bits(text).join('')],
  ['encoded-decimal', (text) => bytes(text).join(' ')],
  [
    'encoded-percent',
    (text) =>
      bytes(text)
        .map((b) => `%${b.toString(16)}`)
        .join(''),
  ],
  ['shifted-letters', (text) => rotate(text, 13)],
  ['shifted-letters', (text) => rotate(text, 5)],
  ['mirrored-letters', (text) => letters(text, (place) => 25 - place)],
  ['reversed', backwards],
  ['digits-for-letters', (text) => text.replace(/[oieast]/g, (c) => '013457'['oieast'.indexOf(c)] ?? c)],
  ['invisible-payload', (text) => bits(text).join('').replace(/0/g, '\u200b').replace(/1/g, '\u2060')],
  ['tag-characters', tags],
  [
    'variation-selectors',
    (text) =>
      bytes(text)
        .map((b) => String.fromCodePoint(b < 16 ? 0xfe00 + b : 0xe00f0 + b))
        .join(''),
  ],
];
