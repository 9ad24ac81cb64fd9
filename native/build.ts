import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

// `npm run native`: compiles native/rules (AssemblyScript, a strict subset of TypeScript's syntax) to the WebAssembly that
// the rule engine loads. The result is checked in, so that neither the image nor an installation needs the compiler; a test
// proves it current.

export const ARTEFACT: string = join(import.meta.dirname, '../src/detectors/heuristics/engine/scan.wasm');

/** @throws Error with the compiler's messages */
export const compileNative = async (): Promise<Uint8Array> => {
  const folder = join(import.meta.dirname, 'rules');
  const outputs = new Map<string, Uint8Array>();
  const { error, stderr } = await asc.main(
    [
      'scan.ts',
      '-O3',
      '--converge',
      '--runtime',
      'stub',
      '--noAssert',
      '--importMemory',
      '--enable',
      'simd',
      '--outFile',
      'out',
    ],
    {
      readFile: (name) => {
        try {
          return readFileSync(join(folder, name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => {
        outputs.set(name, contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  const wasm = outputs.get('out');
  if (error !== null || wasm === undefined) throw new Error(`native/rules does not compile\n${stderr.toString()}`);
  return wasm;
};

if (import.meta.main) {
  const wasm = await compileNative();
  writeFileSync(ARTEFACT, wasm);
  process.stdout.write(`${wasm.length} bytes of WebAssembly.\n`);
}
