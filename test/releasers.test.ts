import { describe, expect, it } from 'vitest';
import { createReleasers, withReleasers } from '../src/releasers.ts';

describe('releasers', () => {
  it('close in reverse order, each once', async () => {
    const closed: string[] = [];
    const releasers = createReleasers();
    releasers.add('store', () => void closed.push('store'));
    releasers.add('http', async () => void closed.push('http'));
    await releasers.release();
    await releasers.release();
    expect(closed).toEqual(['http', 'store']);
  });

  it('one that fails does not keep the others open, and is named', async () => {
    const closed: string[] = [];
    const releasers = createReleasers();
    releasers.add('store', () => void closed.push('store'));
    releasers.add('relay', () => Promise.reject(new Error('x')));
    await expect(releasers.release()).rejects.toThrow(/relay did not close/);
    expect(closed).toEqual(['store']);
  });

  it('a start that fails halfway gives back what it had opened and fails with its own error', async () => {
    const closed: string[] = [];
    const start = withReleasers(async (releasers) => {
      releasers.add('store', () => void closed.push('store'));
      throw new Error('port taken');
    });
    await expect(start).rejects.toThrow('port taken');
    expect(closed).toEqual(['store']);
  });
});
