import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// The callback under the real LiteLLM. TEST_LITELLM_PYTHON names a Python that has it (`.ci/run` makes one).

const run = promisify(execFile);

const python = process.env.TEST_LITELLM_PYTHON ?? 'python3';

const hasLitellm = (): boolean => {
  try {
    execFileSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("litellm") is None)'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
};

const missing = !hasLitellm();
const why = missing ? ` (skipped: ${python} has no litellm; name one that has with TEST_LITELLM_PYTHON)` : '';

test.skipIf(missing)(
  `an exchange through LiteLLM reaches the monitor, request beside response${why}`,
  async () => {
    const cwd = join(import.meta.dirname, '../../examples/litellm');
    const { stdout } = await run(python, ['test_callback.py'], { cwd, timeout: 110_000 });
    expect(stdout.trim().split('\n').at(-1)).toBe('ok');
  },
  120_000,
);
