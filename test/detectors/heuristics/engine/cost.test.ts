import { describe, expect, test } from 'vitest';
import { compile } from '../../../../src/detectors/heuristics/engine/compile.ts';
import { createScanner } from '../../../../src/detectors/heuristics/engine/scan.ts';
import { loadRules } from '../../../../src/detectors/heuristics/load.ts';
import { type Adversary, adversariesOf, PLAIN_ADVERSARIES, repeated } from '../adversarial.ts';

// Counted in engine steps, not in milliseconds: words read, wakings, phrases and places looked at.

const { rules, lexicon } = loadRules();
const scanner = createScanner(compile(rules, lexicon));
const LENGTH = 1_500;

const stepsFor = (text: string): number => {
  const before = scanner.steps();
  scanner.scan(
    text,
    () => true,
    () => true,
  );
  return scanner.steps() - before;
};

/** Steps of four times the text over steps of the text. */
const growth = (adversary: Adversary): number =>
  stepsFor(repeated(adversary, 4 * LENGTH)) / stepsFor(repeated(adversary, LENGTH));

describe('cost is linear in the text', () => {
  test('for each rule, on its own words arranged against it', () => {
    const steep = rules
      .flatMap((rule) => adversariesOf(rule, lexicon, 1))
      .map((adversary) => ({ name: adversary.name, growth: growth(adversary) }))
      // A sentence cut into pieces is read again at each seam: up to a third more than the first piece alone.
      .filter((each) => each.growth > 6);
    expect(steep).toEqual([]);
  });

  test.each(PLAIN_ADVERSARIES)('on $name', (adversary) => {
    expect(growth(adversary)).toBeLessThan(6);
  });

  test('no text takes more than a bounded number of steps for each of its units', () => {
    const costs = rules
      .flatMap((rule) => adversariesOf(rule, lexicon, 1))
      .map((adversary) => ({ name: adversary.name, perUnit: stepsFor(repeated(adversary, LENGTH)) / LENGTH }));
    expect(costs.filter(({ perUnit }) => perUnit > 100)).toEqual([]);
  });
});
