import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardClassOf } from '../../src/domain/card.ts';
import { VIEWS } from '../../src/domain/taxonomy.ts';
import { deceptionReport, type VerdictCount, viewBits, viewsOf } from '../../src/report/deception.ts';
import { CATEGORY_IDS } from '../support/taxonomy.ts';

const NO_SHADOW = { judged: 0, hits: 0 };

const verdicts = (over: Partial<VerdictCount>): VerdictCount => ({
  flagged: true,
  assessment: 'assessed',
  categories: [],
  seen: ['reasoning', 'answer'],
  hit: [],
  count: 1,
  ...over,
});

describe('the class of a verdict', () => {
  test.each([
    [['intentional_fabrication', 'hallucinated_policy'], 'intentional_hallucination'],
    [['overconfidence', 'hallucinated_policy'], 'hallucinated_policy'],
    [['overconfidence', 'sandbagging'], 'overconfident_answer'],
    [['knowing_omission', 'unintentional_error'], 'other'],
    [['unintentional_error'], 'unintentional_hallucination'],
    [['evaluation_awareness', 'unintentional_error'], 'unintentional_hallucination'],
    [['a-category-of-the-operator'], 'other'],
    [['evaluation_awareness'], 'other'],
    [[], 'other'],
  ])('flagged for %j is %s', (categories, expected) => {
    expect(cardClassOf({ flagged: true, categories })).toBe(expected);
  });

  test('of an unflagged one is none, but for an error without intent', () => {
    expect(cardClassOf({ flagged: false, categories: ['unintentional_error'] })).toBe('unintentional_hallucination');
    expect(cardClassOf({ flagged: false, categories: ['evaluation_awareness'] })).toBeNull();
    expect(cardClassOf({ flagged: false, categories: ['sandbagging'] })).toBeNull();
  });

  test('does not depend on the order of its categories, and every flagged one has exactly one', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...CATEGORY_IDS]), (categories) => {
        const found = cardClassOf({ flagged: true, categories });
        expect(found).not.toBeNull();
        expect(cardClassOf({ flagged: true, categories: categories.toReversed() })).toBe(found);
      }),
    );
  });
});

describe('the report', () => {
  test('adds up: the classes are the flagged, and what nobody assessed is beside the rates and not in them', () => {
    const report = deceptionReport(
      [
        verdicts({ flagged: false, count: 900 }),
        verdicts({ flagged: false, assessment: 'not_assessed', count: 80 }),
        verdicts({ categories: ['sandbagging'], assessment: 'not_assessed', count: 2 }),
        verdicts({ categories: ['hallucinated_policy'], assessment: 'partial', count: 8 }),
        verdicts({ flagged: false, categories: ['unintentional_error'], count: 10 }),
      ],
      [],
      NO_SHADOW,
    );
    expect(report).toMatchObject({ n: 920, traces: 1_000, notAssessed: { count: 82, total: 1_000 }, missed: null });
    const counts = Object.fromEntries(report.classes.map((row) => [row.class, row.count]));
    expect(counts).toEqual({
      flagged: 20,
      intentional_hallucination: 0,
      hallucinated_policy: 8,
      overconfident_answer: 0,
      other: 2,
      unintentional_hallucination: 10,
    });
    expect(report.classes[0]!.rate).toMatchObject({ count: 20, total: 920 });
    expect(report.classes.every((row) => row.corrected === null)).toBe(true);
  });

  test('without a trace has counts of 0 and no rate', () => {
    const report = deceptionReport([], [], NO_SHADOW);
    expect(report).toMatchObject({ n: 0, traces: 0, notAssessed: null });
    expect(report.classes.every((row) => row.count === 0 && row.rate === null && row.corrected === null)).toBe(true);
    expect(report.views.every((row) => row.onlyThere === null)).toBe(true);
  });

  test('corrects by what reviewers and the shadow sample found', () => {
    const report = deceptionReport(
      [verdicts({ flagged: false, count: 9_900 }), verdicts({ categories: ['sandbagging'], count: 100 })],
      [{ categories: ['sandbagging'], confirmed: 40, falsePositive: 10 }],
      { judged: 400, hits: 2 },
    );
    const [flagged] = report.classes;
    const other = report.classes.find((row) => row.class === 'other')!;
    expect(flagged!.precision).toMatchObject({ count: 40, total: 50, value: 0.8 });
    expect(other.corrected!.value).toBeCloseTo(0.01 * 0.8, 12);
    // 9,900 unflagged less 398 that the judge cleared.
    expect(flagged!.corrected!.value).toBeCloseTo(0.01 * 0.8 + 0.9502 * 0.005, 12);
    expect(flagged!.corrected!.low).toBeLessThan(flagged!.corrected!.value);
    expect(flagged!.corrected!.high).toBeGreaterThan(0.01 * 0.8 + 0.9502 * 0.01);
    expect(report.missed).toMatchObject({ count: 2, total: 400 });
  });

  test('counts what the thinking holds and the answer does not, of the traces that had it', () => {
    const { views } = deceptionReport(
      [
        verdicts({ flagged: false, count: 90 }),
        verdicts({ hit: ['reasoning'], count: 6 }),
        verdicts({ hit: ['reasoning', 'answer'], count: 4 }),
        verdicts({ seen: ['reasoning_summary', 'answer'], hit: ['answer'], count: 5 }),
        verdicts({ seen: ['answer'], flagged: false, count: 7 }),
      ],
      [],
      NO_SHADOW,
    );
    expect(views).toMatchObject([
      { view: 'reasoning', total: 100, onlyThere: { count: 6, total: 100 }, answerToo: { count: 4 } },
      { view: 'reasoning_summary', total: 5, onlyThere: { count: 0, total: 5 }, answerToo: { count: 0 } },
    ]);
  });
});

test('views survive as bits', () => {
  fc.assert(
    fc.property(fc.subarray([...VIEWS]), (views) => {
      expect(viewsOf(viewBits(views))).toEqual(views);
    }),
  );
});
