import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tellThinking } from '../../../src/http/live/thinking.ts';

const told = (pieces: readonly string[]): [string, string][] => {
  const said: [string, string][] = [];
  const take = tellThinking((_, kind, text) => {
    const last = said.at(-1);
    if (last?.[0] === kind) last[1] += text;
    else said.push([kind, text]);
  });
  for (const piece of pieces) take('k', 'answer', piece);
  return said;
};

test('thoughts between tags are told from the answer, however the tags are cut', () => {
  const text = 'So: <think>hidden < plan</think>open <THINKING>more</thinking> 1 < 2 done.';
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      expect(told(at.slice(1).map((end, i) => text.slice(at[i], end)))).toEqual([
        ['answer', 'So: '],
        ['reasoning', 'hidden < plan'],
        ['answer', 'open '],
        ['reasoning', 'more'],
        ['answer', ' 1 < 2 done.'],
      ]);
    }),
  );
});
