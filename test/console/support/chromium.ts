import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

// A real Chromium, where this machine has one: CHROMIUM_PATH, or the usual places.

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export const CHROMIUM = PLACES.find((path) => path !== undefined && existsSync(path));

/** Stands in the name of a suite that cannot run. */
export const WITHOUT = CHROMIUM === undefined ? ' (skipped: no Chromium here; set CHROMIUM_PATH)' : '';

if (CHROMIUM === undefined && process.env.REQUIRE_CHROMIUM === '1') {
  throw new Error('REQUIRE_CHROMIUM=1, but there is no Chromium: install one or set CHROMIUM_PATH');
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: [
      // Chromium has no sandbox for root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

/** What a page must never do: speak up in a dialog, break its policy, throw, or ask another server. */
export const watch = (page: Page, origin: string): readonly string[] => {
  const misdeeds: string[] = [];
  page.on('dialog', (dialog) => {
    misdeeds.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => misdeeds.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy|TrustedHTML/i.test(message.text())) {
      misdeeds.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(blob|data):/.test(request.url()))
      misdeeds.push(`request: ${request.url()}`);
  });
  return misdeeds;
};
