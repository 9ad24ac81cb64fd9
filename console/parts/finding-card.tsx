import type { ComponentChildren } from 'preact';
import { api, type Finding, type Schemas, useAsked } from '../api.ts';
import { percent } from '../format.ts';
import { hrefOf } from '../route.ts';
import { Characters } from '../text/marked-text.tsx';
import { STANCE_MEANING, wordFor } from '../words.ts';
import { Severity } from './badges.tsx';

let rules: Promise<ReadonlyMap<string, Schemas['Rule']>> | undefined;

/** The catalogue of rules, by the name that findings give; asked for once. */
const rulesBySlug = (): Promise<ReadonlyMap<string, Schemas['Rule']>> => {
  rules ??= api.GET('/v1/rules').then(({ data }) => new Map((data?.items ?? []).map((rule) => [rule.slug, rule])));
  return rules;
};

const QUOTE = 600;

const Quote = ({ quote }: { quote: string }) => (
  <blockquote dir="auto">
    <Characters text={quote.slice(0, QUOTE)} />
    {quote.length > QUOTE && '…'}
  </blockquote>
);

/** What the author of the rule says to look at. */
const Triage = ({ slug }: { slug: string }) => {
  const { data } = useAsked(slug, async () => ({
    data: { rule: (await rulesBySlug()).get(slug) ?? null },
    response: new Response(null, { status: 200 }),
  }));
  const rule = data?.rule;
  if (rule === null || rule === undefined) return null;
  return (
    <details class="triage">
      <summary>How to judge it</summary>
      <p>{rule.triage}</p>
      {rule.falsePositives.length > 0 && (
        <>
          <p class="fine">Known to be wrong on:</p>
          <ul>
            {rule.falsePositives.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <p>
        <a href={hrefOf(['suppressions'], { kind: 'rule', value: rule.id })}>Suppress this rule</a>
      </p>
    </details>
  );
};

export interface FindingCardProps {
  readonly finding: Finding;
  /** Where it is marked in the text. */
  readonly number?: number;
  readonly current?: boolean;
  readonly children?: ComponentChildren;
}

export const FindingCard = ({ finding, number, current = false, children }: FindingCardProps) => {
  const { detector } = finding;
  return (
    <li class="finding" data-severity={finding.severity} data-current={current ? '' : undefined}>
      <div class="finding-head">
        {number !== undefined && <span class="finding-number number">{number}</span>}
        <strong>{wordFor(finding.category)}</strong>
        <Severity severity={finding.severity} />
      </div>
      <p class="finding-how">
        <span title={STANCE_MEANING[finding.stance]}>{wordFor(finding.stance)}</span>
        <span>{wordFor(finding.view)}</span>
        <span class="number" title="Calibrated probability that the finding is right">
          {percent(finding.score)}
        </span>
      </p>
      {finding.evidence.map(({ segment, start, end, quote }) => (
        <Quote key={`${segment} ${start} ${end}`} quote={quote} />
      ))}
      <p>{finding.explanation}</p>
      {children}
      <p class="fine">
        {detector.rule ?? detector.name} · version {detector.version}
        {detector.status !== null && ` · ${detector.status}`}
      </p>
      {detector.rule !== null && <Triage slug={detector.rule} />}
    </li>
  );
};
