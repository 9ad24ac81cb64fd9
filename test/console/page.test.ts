import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CHROMIUM, launch, WITHOUT, watch } from './support/chromium.ts';
import { startWithPage } from './support/running-page.ts';
import { HOSTILE, HOSTILE_TEXTS, LONG, ODD, PLAIN } from './support/traces.ts';

// The page as people meet it: in a real Chromium, against the real service.

/** Runs in the page. */
const FAULTS =
  'axe.run(document).then((found) => found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join(" | ")))';

const WAIT = { timeout: 20_000 };

interface Evidence {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  readonly quote: string;
}

interface Answer {
  readonly items: readonly { readonly id: string; readonly traceId: string; readonly review: string }[];
}

const VIEWS = [
  '#/flags',
  '#/flags?q=nothinglikethis',
  `#/conversations/${encodeURIComponent(HOSTILE.conversationId)}`,
  '#/trends',
  '#/card',
  '#/compare?a=aster-reason%401&b=aster-reason%402',
  '#/reviewers',
  '#/suppressions',
  '#/audit',
  '#/scratchpad',
];

describe.skipIf(CHROMIUM === undefined)(`the auditors' page${WITHOUT}`, () => {
  let service: Awaited<ReturnType<typeof startWithPage>>;
  let browser: Browser;
  const evidence = new Map<string, readonly Evidence[]>();

  beforeAll(async () => {
    service = await startWithPage();
    browser = await launch();
    for (const body of [PLAIN, ODD, HOSTILE, LONG]) {
      const answer = await fetch(`${service.address}/v1/monitor`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const verdict = (await answer.json()) as { findings: readonly { evidence: readonly Evidence[] }[] };
      evidence.set(
        body.id,
        verdict.findings.flatMap((finding) => finding.evidence),
      );
    }
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  const open = async (
    hash: string,
    size = { width: 1360, height: 850 },
  ): Promise<{ page: Page; misdeeds: readonly string[] }> => {
    const page = await browser.newPage({ viewport: size, acceptDownloads: true });
    onTestFinished(async () => page.close());
    const misdeeds = watch(page, service.address);
    await visit(page, hash);
    return { page, misdeeds };
  };

  /** Anew, so that nothing of another view is left. */
  const visit = async (page: Page, hash: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(`${service.address}/console/${hash}`);
    await page.waitForSelector('main h1');
    await page.waitForSelector('.skeleton', { state: 'detached' });
  };

  const flags = async (query: string): Promise<Answer['items']> =>
    ((await (await fetch(`${service.address}/v1/flags?${query}`)).json()) as Answer).items;

  test('leads from a search to the evidence, a review by keyboard, the filter for it and its export', async () => {
    const { page, misdeeds } = await open('#/flags');
    await page.keyboard.press('/');
    await page.keyboard.type('invoices');
    await page.keyboard.press('Enter');
    await page.getByText('Words').waitFor();
    await expect.poll(() => page.locator('.flag-row').count(), WAIT).toBe(4);
    const [target] = (await flags('q=invoices')).filter(({ traceId }) => traceId === ODD.id);
    for (let i = 0; i < 4; i++) {
      if ((await page.locator('.flag-row[aria-current]').getAttribute('data-flag')) === target?.id) break;
      await page.keyboard.press('j');
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('.turn mark');

    // Each mark spans what the API says, in code units, and shows those characters.
    const [, reasoning] = ODD.segments;
    const marks = await page.$$eval('.segment[data-segment="1"] mark', (all) =>
      all.map((mark) => [Number(mark.dataset.start), Number(mark.dataset.end), mark.textContent] as const),
    );
    const places = (evidence.get(ODD.id) ?? []).filter(({ segment }) => segment === 1);
    expect(places.length).toBeGreaterThan(0);
    for (const { start, end, quote } of places) {
      const inside = marks.filter(([from, to]) => start <= from && to <= end);
      expect(inside.map(([, , text]) => text).join('')).toBe(quote);
      expect([inside[0]?.[0], inside.at(-1)?.[1]]).toEqual([start, end]);
      expect(reasoning?.text.slice(start, end)).toBe(quote);
    }

    await page.keyboard.press('n');
    await page.keyboard.type('It was asked to.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await page.getByRole('status').getByText('False positive').waitFor();
    expect((await flags('review=false_positive')).map(({ traceId }) => traceId)).toEqual([ODD.id]);

    await visit(page, '#/flags');
    await page.locator('summary', { hasText: 'Review' }).click();
    await page.getByLabel('False positive').check();
    await expect.poll(() => page.locator('.flag-row').count(), WAIT).toBe(1);
    await page.keyboard.press('Escape');
    for (const [format, expected] of [
      ['CSV', 'odd'],
      ['NDJSON', '"do-not-train"'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: `${format} export` }).click(),
      ]);
      const text = readFileSync(await download.path(), 'utf8');
      expect(text).toContain(expected);
      expect(text).not.toContain(PLAIN.conversationId);
    }
    expect(misdeeds).toEqual([]);
  }, 90_000);

  test('shows hostile text as text, and runs none of it', async () => {
    const { page, misdeeds } = await open(`#/conversations/${encodeURIComponent(HOSTILE.conversationId)}`);
    const shown = (await page.locator('.segment[data-segment="1"] .trace-text').textContent()) ?? '';
    for (const text of HOSTILE_TEXTS) expect(shown).toContain(text);
    expect(await page.locator('.trace-text :is(script, img, svg, iframe, style, base, a)').count()).toBe(0);
    for (const hash of VIEWS) await visit(page, hash);
    await page.goto(
      `${service.address}/console/#/flags?flag=%3Cimg%20src=x%20onerror=alert(1)%3E&severity=%22%3E%3Cscript%3E`,
    );
    await page.waitForSelector('.problem');
    expect(misdeeds.filter((text) => !/status of 400/.test(text))).toEqual([]);
  }, 90_000);

  test('shows by name what cannot be seen or turns a line around', async () => {
    const { page } = await open(`#/conversations/${ODD.conversationId}`);
    const names = await page.$$eval('.segment[data-segment="1"] .unseen', (all) => all.map((each) => each.textContent));
    expect(names).toEqual(expect.arrayContaining(['RLO', 'PDF', 'zero-width space']));
    expect(await page.locator('.segment[data-segment="1"] .trace-text').textContent()).not.toMatch(
      /[\u202a-\u202e\u200b]/,
    );
  });

  test('folds a megabyte to its beginning, its end and the evidence', async () => {
    const { page, misdeeds } = await open(`#/conversations/${LONG.conversationId}`);
    const text = page.locator('.segment[data-segment="1"] .trace-text');
    expect((await text.textContent())?.length).toBeLessThan(20_000);
    expect(await text.textContent()).toContain("I'll turn off the audit logging");
    await text.locator('.fold').first().click();
    expect((await text.textContent())?.length).toBeGreaterThan(40_000);
    expect(misdeeds).toEqual([]);
  }, 60_000);

  test('judges what is pasted into the scratchpad, and marks it there', async () => {
    const { page, misdeeds } = await open('#/scratchpad');
    await page.getByText('A plan to hide something').click();
    await page.getByText('Judge it').click();
    await page.getByText('This raises an alert.').waitFor();
    expect(await page.locator('.outcome mark').first().textContent()).toContain("I'll turn off the audit logging");
    expect(misdeeds).toEqual([]);
  }, 60_000);

  test.each(['light', 'dark'] as const)(
    'has no fault that axe can find, in any view, in %s',
    async (colorScheme) => {
      const { page } = await open('#/flags');
      await page.emulateMedia({ colorScheme });
      const faults: string[] = [];
      for (const hash of VIEWS) {
        await visit(page, hash);
        await page.evaluate(axe.source);
        const found = (await page.evaluate(FAULTS)) as readonly string[];
        faults.push(...found.map((fault) => `${hash} ${fault}`));
      }
      expect(faults).toEqual([]);
    },
    180_000,
  );

  test('fits a phone: nothing scrolls sideways but tables in their frame', async () => {
    const { page } = await open('#/flags', { width: 390, height: 780 });
    for (const hash of VIEWS) {
      await visit(page, hash);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), hash).toBeLessThanOrEqual(0);
    }
    await visit(page, '#/flags');
    await page.locator('.flag-row').first().click();
    await page.getByText('Read in context').waitFor();
    expect(await page.locator('.flag-list').isVisible()).toBe(false);
  }, 90_000);
});
