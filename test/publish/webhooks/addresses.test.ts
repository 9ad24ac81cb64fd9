import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { addressKind, guardedLookup } from '../../../src/publish/webhooks/addresses.ts';

test.each([
  ['8.8.8.8', 'public'],
  ['1.1.1.1', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['127.0.0.1', 'private'],
  ['127.255.0.9', 'private'],
  ['100.64.0.1', 'private'],
  ['::1', 'private'],
  ['fd12:3456::1', 'private'],
  // Metadata, under every name it goes by.
  ['169.254.169.254', 'forbidden'],
  ['169.254.170.2', 'forbidden'],
  ['100.100.100.200', 'forbidden'],
  ['fd00:ec2::254', 'forbidden'],
  ['fe80::1', 'forbidden'],
  ['fe80::1%eth0', 'forbidden'],
  ['::ffff:169.254.169.254', 'forbidden'],
  ['::ffff:a9fe:a9fe', 'forbidden'],
  ['64:ff9b::a9fe:a9fe', 'forbidden'],
  ['2002:a9fe:a9fe::1', 'forbidden'],
  ['2001:0:a9fe:a9fe::1', 'forbidden'],
  ['::169.254.169.254', 'forbidden'],
  // An address within an address is what is inside.
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:8.8.8.8', 'public'],
  ['::', 'forbidden'],
  ['0.0.0.0', 'forbidden'],
  ['0.1.2.3', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['192.0.2.7', 'forbidden'],
  ['ff02::1', 'forbidden'],
  ['2001:db8::1', 'forbidden'],
  ['not an address', 'forbidden'],
] as const)('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});

const answering =
  (...addresses: string[]) =>
  (_name: string, _options: object, done: (error: null, addresses: LookupAddress[]) => void): void =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const looked = (all: boolean, ...addresses: string[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const lookup = guardedLookup((kind) => kind === 'public', answering(...addresses) as never);
    lookup('name', { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });

test('a name is refused where any of its addresses is', async () => {
  await expect(looked(true, '8.8.8.8', '10.0.0.1')).rejects.toThrow('not one that messages may go to');
  await expect(looked(false, '169.254.169.254')).rejects.toThrow('not one that messages may go to');
  await expect(looked(true)).rejects.toThrow();
  expect(await looked(false, '8.8.8.8')).toBe('8.8.8.8');
  expect(await looked(true, '8.8.8.8')).toEqual([{ address: '8.8.8.8', family: 4 }]);
});
