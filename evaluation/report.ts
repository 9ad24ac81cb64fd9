import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

// `npm run eval [DATA]`: writes the reports that are checked in under docs/evaluation/. Without DATA, the one on corpus/,
// which anybody can make; with the folder of public traces, that one too, and the list of its rows by hash.
// docs/evaluation/README.md says how to come by that folder.

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'docs', 'evaluation');
/** Vectors tell much about the text they are of: outside of what is checked in. */
const CACHE = join(ROOT, 'data', 'evaluation');
const PUBLIC = ['bloom', 'benign-safety', 'benign-judgement', 'benign-coding', 'benign-math', 'benign-tasks'];
/** Picked by hash (training/data.py): in no training, no choice, and not in these reports. */
const KEPT_OUT = ['benchmark-faking', 'supply-delay', 'quiet-weakening'];

const families = readdirSync(join(ROOT, 'corpus', 'families'))
  .sort()
  .map((name) => join(ROOT, 'corpus', 'families', name));

const evaluate = (name: string, files: readonly string[], units: readonly string[]): void => {
  const path = join(OUT, name);
  const outputs = ['--out', `${path}.json`, '--html', `${path}.html`, '--markdown', `${path}.md`];
  const args = [...files, ...outputs, ...KEPT_OUT.flatMap((family) => ['--keep-out', family])];
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'src', 'main.ts'),
      'eval',
      ...args,
      ...units.flatMap((unit) => ['--leave-one-out', unit]),
      '--cache',
      CACHE,
    ],
    // A slow machine must not turn into `timeout`; the service's own deadline is DETECT_DEADLINE_MS.
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DETECT_DEADLINE_MS: '60000', LOG_LEVEL: 'error' },
    },
  );
  if (status !== 0) throw new Error(`the evaluation of ${name} ended with ${status}`);
  process.stdout.write(`${path}.md\n`);
};

/** Whoever fetches the named commit can tell by these hashes that a row is the same. */
const listRows = (name: string, file: string): void => {
  const rows = gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { id, source, commit, reasoning } = JSON.parse(line) as Record<string, string | null>;
      return [
        id,
        source,
        commit,
        createHash('sha256')
          .update(reasoning ?? '')
          .digest('hex')
          .slice(0, 16),
      ].join('\t');
    });
  writeFileSync(join(OUT, 'rows', `${name}.tsv`), `id\tsource\tcommit\treasoning_sha256\n${rows.join('\n')}\n`);
};

const [data] = process.argv.slice(2);
mkdirSync(join(OUT, 'rows'), { recursive: true });
evaluate('corpus', families, ['family']);
if (data !== undefined) {
  const files = PUBLIC.map((name) => join(data, `${name}.jsonl.gz`));
  for (const [i, name] of PUBLIC.entries()) listRows(name, files[i]!);
  evaluate('public', [...files, ...families], ['family', 'source']);
}
