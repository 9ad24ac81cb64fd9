import { defineConfig } from 'vitest/config';

// Two workers: the suites start real servers (PostgreSQL, Kafka), and more of them at once starve one another on a
// small machine. Servers are started once for the whole run by the global set-up.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/faults/**'],
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
