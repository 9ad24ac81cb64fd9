import { describe, expect, it } from 'vitest';
import { countLetters } from '../../../src/detectors/classifier/script.ts';

describe('letters by script', () => {
  it.each([
    ['Plain words, 42 of them.', 16, 0],
    ['Größe, ação, žlutý', 14, 0],
    ['我们先检查日志', 0, 7],
    ['Привет', 0, 6],
    ['日志 logs', 4, 2],
    ['42 + 17 = 59 … 😀\u0000\ud800', 0, 0],
    ['𠀀𠀁 ab', 2, 2],
    ['', 0, 0],
  ])('counts %j', (text, latin, other) => {
    expect(countLetters(text)).toEqual({ latin, other });
  });
});
