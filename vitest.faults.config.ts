import { defineConfig } from 'vitest/config';

// The long fault runs, which do not fit into `npm test`. One at a time: each wants the machine to itself.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 1,
    hookTimeout: 120_000,
  },
});
