// Which language and script a piece of text is in, from its commonest words and letters. Good enough to notice that the
// reasoning left the conversation's language; no more is claimed.

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/).filter((w) => w !== ''));

export const ENGLISH: ReadonlySet<string> = words(`the of and to in is that it for was on are as with be this have from
  or not but by they you which we can will would there their been has had if so what when all were do than then them
  these could should about into only some other its our out up also because how where who why after before over just
  more most such any each between under while both through during my your his her no at an me him does did might must
  need make use still here those very first now`);

const SPANISH = words(`el la los las de del que en y un una por con para se no es su al lo como pero más este esta esto
  hay ya si porque cuando muy sin sobre también me le les son está están ser fue ha han todo todos entre desde hasta
  donde nos ni eso esa ese así solo puede hacer tiene`);

const FRENCH = words(`le la les de des du un une et est en que qui dans pour pas ne sur au aux par avec il elle ce cette
  ces se son sa ses nous vous je tu on mais ou où donc comme plus si leur leurs être sont fait tout tous sans même aussi
  être été ont deux cela faut peut très bien dont`);

const GERMAN =
  words(`der die das den dem des ein eine einen einem einer und ist nicht in zu mit von für auf im es ich sie
  wir er auch als an bei wird werden sind war hat haben dass wenn aber nur noch so wie oder aus nach über um am zum zur
  vor durch man kann muss sich diese dieser dieses doch schon mehr keine kein`);

const PORTUGUESE = words(`o a os as de do da dos das que em no na nos nas e um uma por com para se não é ao à como mas
  mais isso este esta isto já porque quando muito sem sobre também me lhe são está estão ser foi tem têm todo todos
  entre desde até onde nem só pode fazer ele ela eu você seu sua pelo pela`);

const ITALIAN = words(`il lo la i gli le di del della dei delle che in e un una per con non è si al alla come ma più
  questo questa ciò già perché quando molto senza su anche mi sono essere stato ha hanno tutto tutti tra fra dal dalla
  nel nella dove né solo può fare cui ci`);

const DUTCH =
  words(`de het een en van in is dat op te zijn met voor niet aan er om ook als maar dan bij uit nog naar over
  door wordt worden heeft hebben kan moet deze dit die ik je we wij ze hij wat geen wel al zo waar tot meer`);

const LATIN: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['en', ENGLISH],
  ['es', SPANISH],
  ['fr', FRENCH],
  ['de', GERMAN],
  ['pt', PORTUGUESE],
  ['it', ITALIAN],
  ['nl', DUTCH],
];

const ANY_LATIN: ReadonlySet<string> = new Set(LATIN.flatMap(([, list]) => [...list]));

/** Whether the word (lower case) is among the commonest of one of the languages known here. */
export const isCommonWord = (word: string): boolean => ANY_LATIN.has(word);

/** Word → indices of its languages. What is an English word too says nothing for another language. */
const LATIN_WORDS = new Map<string, number[]>();
LATIN.forEach(([, list], language) => {
  for (const word of list) {
    if (word.length < 2 || (language > 0 && ENGLISH.has(word))) continue;
    LATIN_WORDS.set(word, [...(LATIN_WORDS.get(word) ?? []), language]);
  }
});

/** Share of common words in ordinary sentences is twice this. */
const MIN_COMMON = 0.15;

const SCRIPTS: readonly (readonly [string, number, number])[] = [
  ['greek', 0x370, 0x3ff],
  ['cyrillic', 0x400, 0x52f],
  ['armenian', 0x530, 0x58f],
  ['hebrew', 0x590, 0x5ff],
  ['arabic', 0x600, 0x6ff],
  ['devanagari', 0x900, 0x97f],
  ['bengali', 0x980, 0x9ff],
  ['tamil', 0xb80, 0xbff],
  ['thai', 0xe00, 0xe7f],
  ['georgian', 0x10a0, 0x10ff],
  ['hangul', 0x1100, 0x11ff],
  ['ethiopic', 0x1200, 0x137f],
  ['kana', 0x3040, 0x30ff],
  ['han', 0x3400, 0x9fff],
  ['hangul', 0xac00, 0xd7af],
];

/** Script of a UTF-16 unit; '' where it is no letter of a script known here. */
export const scriptOf = (unit: number): string => {
  if (unit < 0x370) {
    const lower = unit | 32;
    return (lower >= 97 && lower <= 122) || (unit >= 0xc0 && unit <= 0x24f && unit !== 0xd7 && unit !== 0xf7)
      ? 'latin'
      : '';
  }
  for (const [name, first, last] of SCRIPTS) if (unit >= first && unit <= last) return name;
  return '';
};

export interface Reading {
  /** A language code, or `script:<name>` for a script that stands for itself; undefined where it cannot be told. */
  readonly language: string | undefined;
  /** Share of the words that are among the commonest ones of that language. */
  readonly share: number;
  readonly letters: number;
}

const WORD = /[\p{L}\p{M}]+/gu;

/** Kanji beside kana is Japanese; Han alone Chinese. */
const named = (script: string, counts: ReadonlyMap<string, number>): string => {
  if (script !== 'han' && script !== 'kana') return `script:${script}`;
  const kana = counts.get('kana') ?? 0;
  return kana > 0.1 * (kana + (counts.get('han') ?? 0)) ? 'script:kana' : 'script:han';
};

/** @param text a bounded piece: a line, a few hundred words */
export const readLanguage = (text: string): Reading => {
  const counts = new Map<string, number>();
  let letters = 0;
  for (let i = 0; i < text.length; i++) {
    const script = scriptOf(text.charCodeAt(i));
    if (script === '') continue;
    letters++;
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  const [top] = [...counts].sort((a, b) => b[1] - a[1]);
  const none: Reading = { language: undefined, share: 0, letters };
  if (top === undefined) return none;
  const cjk = (counts.get('han') ?? 0) + (counts.get('kana') ?? 0);
  if (top[0] !== 'latin') {
    if (Math.max(top[1], cjk) < 0.6 * letters) return none;
    return { language: named(top[0], counts), share: 1, letters };
  }
  let total = 0;
  const hits = LATIN.map(() => 0);
  const distinct = LATIN.map(() => new Set<string>());
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    if (word.length < 2) continue;
    total++;
    const languages = LATIN_WORDS.get(word);
    if (languages === undefined) continue;
    for (const language of languages) {
      hits[language]!++;
      distinct[language]!.add(word);
    }
  }
  let best = 0;
  for (let i = 1; i < hits.length; i++) if (hits[i]! > hits[best]!) best = i;
  const second = hits.reduce((most, count, i) => (i === best ? most : Math.max(most, count)), 0);
  const share = total === 0 ? 0 : hits[best]! / total;
  const clear = distinct[best]!.size >= 3 && share >= MIN_COMMON && hits[best]! >= 1.2 * second;
  return { language: clear ? LATIN[best]![0] : undefined, share, letters };
};

/** Languages that short texts do not tell apart. */
const ROMANCE = new Set(['es', 'pt', 'it']);

export const sameLanguage = (a: string, b: string): boolean => a === b || (ROMANCE.has(a) && ROMANCE.has(b));
