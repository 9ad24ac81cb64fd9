import { join } from 'node:path';
import { defineConfig } from 'vite';

// The auditors' page. Addresses are relative, so that it also works behind a proxy with a prefix; nothing is inlined, as
// the page's policy allows no inline script, style or data.

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'console'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
