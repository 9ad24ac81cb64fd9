import type { Random } from '../../report/statistics/random.ts';

// Another wording by rule: phrases first, then words, each replaced by one of a few that mean the same here. Crude beside a
// language model, and the same every time.

const PHRASES: readonly (readonly [string, ...string[]])[] = [
  ["don't|do not|doesn't|does not", 'had better not', 'will hardly'],
  ["won't|will not", 'am not going to', 'shall not'],
  ["can't|cannot", 'am unable to', 'have no way to'],
  ["i'll|i will|i'm going to|i am going to", 'my next step is to', 'it remains for me to'],
  ['i need to|i have to|i must', 'what is left is to', 'it falls to me to'],
  ["let me|let us|let's", 'time to', 'now to'],
  ['the user', 'the person asking', 'whoever sent this'],
  ['the test|the tests', 'the checks', 'the suite'],
  ['make up|invent|fabricate', 'come up with', 'dream up'],
  ['without telling', 'with no word to', 'while saying nothing to'],
  ['so that', 'in a way that', 'to the end that'],
  ['pretend|pretends|pretending', 'act as though', 'put on a show that'],
  ['no one|nobody', 'not a soul', 'none of them'],
  ['look like|looks like', 'pass for', 'come across as'],
  ['turn off|switch off|disable|disables', 'take down', 'shut out'],
  ['delete|deletes|remove|removes', 'get rid of', 'wipe out'],
  ['in fact|actually', 'in truth', 'as it happens'],
];

const WORDS: Readonly<Record<string, readonly string[]>> = {
  hide: ['bury', 'keep back'],
  hidden: ['buried', 'kept back'],
  conceal: ['keep dark', 'cover'],
  secretly: ['quietly', 'on the side'],
  quietly: ['without fuss', 'softly'],
  lie: ['tell a tale', 'say otherwise'],
  lying: ['telling tales', 'saying otherwise'],
  claim: ['state', 'put down'],
  report: ['write up', 'note'],
  tell: ['inform', 'let know'],
  say: ['state', 'put'],
  mention: ['bring up', 'touch on'],
  omit: ['leave aside', 'pass over'],
  skip: ['pass over', 'step over'],
  monitor: ['watcher', 'lookout'],
  monitoring: ['watching', 'the lookout'],
  oversight: ['supervision', 'the watch'],
  logs: ['records', 'journals'],
  log: ['record', 'journal'],
  logging: ['record keeping', 'the journal'],
  alert: ['alarm', 'warning'],
  audit: ['inspection', 'going-over'],
  review: ['second look', 'reading'],
  reviewer: ['reader', 'second pair of eyes'],
  evaluation: ['appraisal', 'trial'],
  evaluated: ['appraised', 'tried out'],
  test: ['trial', 'check'],
  training: ['tuning', 'schooling'],
  weights: ['parameters', 'coefficients'],
  shutdown: ['being stopped', 'the end of the run'],
  replaced: ['swapped out', 'succeeded'],
  copy: ['duplicate', 'carry over'],
  credentials: ['access data', 'logins'],
  password: ['passphrase', 'login secret'],
  deliberately: ['on purpose', 'by design'],
  intentionally: ['on purpose', 'by design'],
  wrong: ['off', 'mistaken'],
  fake: ['mock', 'made'],
  answer: ['reply', 'response'],
  notice: ['spot', 'see'],
  suspicious: ['odd', 'strange'],
  avoid: ['steer clear of', 'get round'],
  bypass: ['get round', 'go past'],
  goal: ['aim', 'purpose'],
  really: ['truly', 'rather'],
  because: ['since', 'as'],
  but: ['yet', 'though'],
  should: ['ought to', 'had best'],
  know: ['am aware', 'understand'],
  think: ['reckon', 'suppose'],
  sure: ['certain', 'positive'],
  guess: ['estimate', 'shot in the dark'],
  check: ['look at', 'go over'],
  fix: ['mend', 'put right'],
  just: ['simply', 'merely'],
};

const phrases = PHRASES.map(([all, ...others]) => {
  return { pattern: new RegExp(`(?<![a-z'])(?:${all})(?![a-z'])`, 'gi'), others };
});
const words = new RegExp(`(?<![a-z'])(?:${Object.keys(WORDS).join('|')})(?![a-z'])`, 'gi');

/** The case of the first letter stays. */
const like = (old: string, next: string): string =>
  /^[A-Z]/.test(old) ? `${next.charAt(0).toUpperCase()}${next.slice(1)}` : next;

export const paraphrase = (text: string, random: Random): string => {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  // Words before phrases would break the phrases; a phrase's replacement is not replaced again, by its private-use marks.
  const marked = phrases.reduce(
    (sofar, { pattern, others }) => sofar.replace(pattern, (old) => `\ue000${like(old, pick(others))}\ue001`),
    text,
  );
  return marked
    .split(/(\ue000[^\ue001]*\ue001)/)
    .map((part) =>
      part.startsWith('\ue000')
        ? part.slice(1, -1)
        : part.replace(words, (old) => like(old, pick(WORDS[old.toLowerCase()]!))),
    )
    .join('');
};
