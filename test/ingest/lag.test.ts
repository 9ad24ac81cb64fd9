import { describe, expect, it } from 'vitest';
import { lagOf } from '../../src/ingest/lag.ts';

const at = (low: string, high: string, committed: string) => [{ partition: 0, low, high, committed }];

describe('lagOf', () => {
  it.each([
    ['behind', at('0', '10', '4'), true, 6],
    ['at the end', at('0', '10', '10'), true, 0],
    ['new, reading from the beginning', at('3', '10', '-1'), true, 7],
    ['new, reading from the end', at('3', '10', '-1'), false, 0],
    ['overtaken by retention', at('8', '10', '2'), true, 2],
    ['ahead of a log that was truncated', at('0', '5', '9'), true, 0],
    ['empty', at('0', '0', '-1'), true, 0],
    ['beyond 2^53', at('0', '9007199254740999', '9007199254740993'), true, 6],
  ])('of a group that is %s', (_, offsets, fromBeginning, lag) => {
    expect(lagOf(offsets, fromBeginning)).toEqual(new Map([[0, lag]]));
  });
});
