// Every command, named once: what --help prints, and what docs/cli.md must document.

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
}

export const COMMANDS: readonly Command[] = [
  { name: 'serve', usage: 'serve', summary: 'Run the service.' },
  {
    name: 'scan',
    usage: 'scan FILE… [--format ID] [--out FILE] [--fail-on flag|alert] [--explain N] [--quiet]',
    summary: 'Assess the traces of JSONL files (.gz too) and print a table; nothing is stored.',
  },
  {
    name: 'eval',
    usage:
      'eval FILE… [--out FILE] [--html FILE] [--markdown FILE] [--seed N] [--negatives benign|all] [--group-by source|file|family|category|view|stance] [--keep-out FAMILY]… [--leave-one-out family|source [--seeds N] [--cache FOLDER]] [--judge FILE]',
    summary: 'Measure the verdicts against labelled traces; nothing is stored.',
  },
  {
    name: 'calibrate',
    usage: 'calibrate FILE… [--fpr RATE] [--by category] [--judge FILE] [--out FILE]',
    summary:
      "Find the thresholds for a wanted rate of false flags, as a fragment of the policy; or what the judge's scores are worth.",
  },
  {
    name: 'stress',
    usage:
      'stress FILE… [--attacks all|NAME,NAME…] [--sample N] [--fpr RATE] [--seed N] [--out FILE] [--html FILE] [--markdown FILE]',
    summary: 'Measure what is still caught of labelled traces once they are tampered with; nothing is stored.',
  },
  {
    name: 'judge',
    usage:
      'judge record FILE… --out FILE [--simulate TPR,FPR] [--seed N] | judge dead [--tenant NAME] [--retry] | judge examples --tenant NAME --out FILE [--limit N]',
    summary: "Record the judge's answers, see and retry what it gave up on, show it what reviewers decided.",
  },
  { name: 'migrate', usage: 'migrate', summary: 'Bring the store to the shape this version needs.' },
  {
    name: 'replay',
    usage: 'replay [--tenant NAME] [--limit N] [--out FILE]',
    summary: "Run stored traces through today's rules and policy and show what changes; nothing is stored.",
  },
  {
    name: 'backtest',
    usage: 'backtest --policy FILE --from DATE [--to DATE] [--limit N] [--tenant NAME]',
    summary: 'Show what a changed policy would have decided about stored verdicts; nothing is stored.',
  },
  {
    name: 'keys',
    usage: 'keys create --name NAME --scopes LIST [--expires-in DAYS] [--tenant NAME] | keys list | keys revoke ID',
    summary: 'Make, list and revoke API keys.',
  },
  {
    name: 'audit',
    usage: 'audit verify [--tenant NAME] [--anchor SEQ:HASH]',
    summary: 'Look for edits, gaps and moves in the audit chain; exit code 1 where there are any.',
  },
  {
    name: 'erase',
    usage: 'erase --conversation ID | --label NAME=VALUE | --everything --reason TEXT [--tenant NAME] [--skip-held]',
    summary: 'Erase text, quotes and labels of traces for good; figures and the audit chain stay.',
  },
  {
    name: 'holds',
    usage:
      'holds place --conversation ID | --label NAME=VALUE | --everything --reason TEXT [--tenant NAME] | holds list | holds release ID --reason TEXT',
    summary: 'Place, list and release legal holds: what they cover is neither erased nor let go of.',
  },
  {
    name: 'retention',
    usage: 'retention run',
    summary: 'Take away what is older than it may be, now.',
  },
  {
    name: 'webhooks',
    usage: 'webhooks list | retry ID… | discard ID… [--endpoint NAME] [--all] [--tenant NAME]',
    summary: 'List webhook messages that did not get through, send them again, or forget them.',
  },
  {
    name: 'demo',
    usage: 'demo [--seed N] [--live [--rate N] [--count N]]',
    summary:
      'Fill the store with a week of made-up traces and reviews, or with --live send made-up traffic to a running service.',
  },
  { name: 'config', usage: 'config [--json]', summary: 'Print the configuration in force, secrets masked.' },
];

export const usage = (): string => {
  const width = Math.max(...COMMANDS.map((c) => c.name.length));
  const lines = COMMANDS.map(
    (c) => `  ${c.name.padEnd(width)}  ${c.summary}\n  ${' '.repeat(width)}  cot-monitor ${c.usage}`,
  );
  return `cot-monitor reads what models think and do, and flags deception and scheming with exact evidence.\n\n${lines.join('\n')}\n`;
};
