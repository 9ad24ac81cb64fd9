import { faultsOf } from './lint/checks.ts';
import { readCorpus } from './lint/read.ts';

// `npm run corpus:lint [FOLDER]`: prints every fault of the corpus; exit code 1 where there is one.

const corpus = readCorpus(process.argv[2] ?? import.meta.dirname);
const faults = faultsOf(corpus);
for (const fault of faults) process.stdout.write(`${fault}\n`);
const { traces, pairs, ordinary, judgements } = corpus;
const size = `${traces.length} traces, ${pairs.length} pairs, ${ordinary.length} ordinary passages, judgements of ${judgements.length} traces`;
process.stdout.write(`${size}: ${faults.length === 0 ? 'sound' : `${faults.length} faults`}.\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
