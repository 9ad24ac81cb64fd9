// How often common English words stand in a sentence of ordinary reasoning: counted over 156,000 sentences of public
// benign traces. Three steps are enough, since only the order of words by rarity matters here.

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/).filter((w) => w !== ''));

/** Words that say nothing about what a sentence is about. */
const FUNCTION_WORDS = words(`
  a about after again all also am an and any are as at be because been before being both but by can can't
  couldn't did didn't do does doesn't don't done down e each etc even every few for from had has hasn't have
  haven't he he'd he'll her here him his how i i'd i'll i'm i've if in into is isn't it it'd it's its itself just
  let let's like many me more most much must my new next no nor not now of off ok okay on only or other our over
  part per put really same she she'd shouldn't since so some still such sure take than that that's the their them
  then there there's these they they're thing things this those through to too under until up us via
  was wasn't we we'd we'll we're we've well were what what's where which while who whose why will with won't
  wouldn't yet you you're you've your yours
`);

/** In more than one sentence of eighty. */
const COMMON = words(`
  answer check code content correct could data first maybe mention might need out own problem provide question
  request second should specific think three two use user using very wait way would validation
`);

/** In one sentence of eighty to two hundred and fifty. */
const FREQUENT = words(`
  access actual actually add address against age alternative alternatively ana analysis analyze api appears
  approach asking async avoid base based ben best better between bit brief built calculation cara carefully case
  changes class clear clearly concerns consider context cost create critical current custom dan def define
  different directly during email end ensure er error errors essay evaluate evaluation eve evidence example
  experience explain f false fastapi field file final find finished flask frac free function g get give given go
  good grade h handle handling headache help high hint however httpx ignore immediately implement import include
  information input instructions issues items json k keep key language legal level library likely line list logic
  looking m main make means medical model module n name needs non note number one option output p people personal
  poem point points policies policy position positions possible post potential precise pressure price produce
  prompt proper public py pydantic python r rate rating real reasoning red refuse relevant requests respond
  response result retry return returns right risk role run s safe safety says script section see seems self set
  short show simple solve something standard state statement status step strong structure suggest suggests support
  suspicious symptoms t task template test tests therefore time times tone total understand used user's uses value
  verify vs want wants week when whether without words work worsening write writing y year years yes
`);

/** In one sentence of two hundred and fifty to eight hundred. */
const OCCASIONAL = words(`
  above academic accept accessible according accuracy accurate acknowledge across action actions activities
  activity acute adding additional addresses adds advanced advice ai aiohttp aligns allow allowed allows already
  alternatives always amount analyst another anything app apply appropriate approximately area argue argument
  argumentation argumentative arguments around arrangement aside ask asked asks assessment assist assume asyncio
  attempt attention available average aware away back background backoff basemodel basic becomes behavior behind
  beyond bias bits block body break calculate calculated calculations call candidate cannot captures carbon
  cardiac care careful cases catch cause causes celery certain chain change charge checking checks chest choice
  choices choose city claim claims clarity classic clean client close clue cm coat coefficient com comment common
  communication company competent complete completely complex comply component comprehensive compute concern
  concerning concise conclusion concrete condition conditions config confirm confirms connection consistent
  constant constraint constraints contains continue contract control controversy convert core correction correctly
  costs count counterarguments cover craft creates creating criminal criteria cross crucial cv database day days
  db decide decimal decision default defense definitely definition demand density dependencies depth description
  design designed detail details determine development dict difference direct disallowed discrepancy discuss
  distance distribution divisors doctor domain double draft drafting due duration early easy eating economic edge
  effect effective effectively either electric elements else emergency emotional emphasize empty encourage
  encouraging ending endpoints energy engine engineering enough entire entry environment environmental equal
  equation equilibrium especially everything exact exactly examples except exception exceptions existing expected
  explanation explicit explicitly exponential exposure expression external fact factor factors factual failed
  fails failure fair falls family features feedback feel feels fever fields figure files fine finish firm fit fix
  fixed flag flags flow focus focusing follow following force form format formula found four frame framework
  frequency full functional functions fundamental funding gained gap general generally generate generation getting
  gives goal google graceful gracefully great group growth guidelines handler handles harassment hard harm harmful
  hash header health heat helpful hidden higher highlight highly hints historical history hmm hours html http
  https human ibuprofen id idea identify illegal illicit image imagery immediate impact implementation implemented
  implies important impossible includes including incorrect increase increased independent independently
  inequality influence info informal inheritance initial insight install instead instruction insulin int integer
  integration integrity intent interest internal interpretation introduction invalid involve involves issue item j
  job jobs kg know knowledge known l lack lacks larger last law lead learning lease least left legitimate length
  less letter life light limited lines literary load local log logging logical long look looks lookup loop loss
  low lower luxembourg made maintain major makes making mako management market marshmallow mass match matches
  material mathematical max maximum may mean mechanism memory meningitis mental mentioned mentions message
  messages metadata method methods mid migraine migraines min minimal minimum minor misinformation missing models
  moderate modern mol moment money month months move multiple muscle narrative natural nature nausea necessarily
  necessary needed negative neq nested network neurological neutral never nice none nothing notice nuanced numbers
  o object observation observational offer often old older open optional options order organization original orm
  others overall overcrowding pages pain paragraph paragraphs parameter parent partial particularly pass past path
  pattern patterns peewee performance perhaps period permission persistent person phase photophobia physical
  physics pigeons place placeholder plan planned politely political pool population pos positive possibly posts
  potentially power practical pre prefer present pretty prevent previous primary principles print privacy probably
  process production professional profile progressive project properly property propose protein provided provides
  providing q quality query queue quite rain raise random range rates rather ratio re reaction read reading reads
  reason redis refinement refining related relationship rely remaining remains remember reply report represents
  require required requirement requirements requires research resource resources rest results retries reveals
  revenue review robust roles row rows rq rule rules runners running said sample say scale scenario schema
  scientific score security seen selection sense sensitivity sentence sequence serialization serious server
  service session severe share shift shows shutdown side sides sighs significant signs similar simplicity simply
  sin single situation size skills sleep slightly slowly small smaller social solid solution someone sometimes
  somewhat soon sound source sources specifically sponsor sql sqlalchemy sqrt square stage starlette start started
  starting states statistical steps stick stop storage store str straightforward strategy strengths stress string
  studies style subtle sudden suggesting suggestion sum summary supply supports surface system systematically
  systems table tableau taking target tasks tax team technical telemetry temperature templates tenant tension term
  terms testing text theory thesis thinking third though thought thread threshold thresholds thus timeout title
  together top topic toward towards track tracking tradeoffs traffic transfer transport treatment true try trying
  type types typical typically unauthorized understanding unique unit units unless unusual urgency urgent url
  usage userprofile users usual usually uvicorn v valid validate validationerror validator validators valueerror
  values variable velocity verification vision visual vocabulary voice volume watch water weak web weight whatever
  within word working works worse written wrong z zero
`);

/** Rough share of sentences that hold the word. */
export const frequencyOf = (word: string): number => {
  if (FUNCTION_WORDS.has(word)) return 0.1;
  if (COMMON.has(word)) return 0.03;
  if (FREQUENT.has(word)) return 0.007;
  if (OCCASIONAL.has(word)) return 0.002;
  // Single characters of unspaced scripts, and letters or digits on their own.
  return word.length === 1 ? 0.01 : 0.0002;
};

/** Whether the word may not wake a pattern. */
export const isFunctionWord = (word: string): boolean => FUNCTION_WORDS.has(word);
