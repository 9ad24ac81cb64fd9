import type { Finding } from '../domain/finding.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';

// A verdict as OpenTelemetry's `gen_ai.evaluation.result` events, in OTLP's JSON: one for the whole, one for each category
// that was found. Ids, labels and numbers only: no text of the trace, and no explanation, since a judge may quote in it.

const EVENT = 'gen_ai.evaluation.result';
const PREFIX = 'cot_monitor';

const ID = { trace: /^[0-9a-f]{32}$/, span: /^[0-9a-f]{16}$/ };

type AttributeValue = { readonly stringValue: string } | { readonly doubleValue: number };

interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

/** One LogRecord of OTLP. */
export interface EvaluationEvent {
  readonly timeUnixNano: string;
  readonly eventName: typeof EVENT;
  readonly severityNumber: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes: readonly Attribute[];
}

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const number = (key: string, value: number): Attribute => ({ key, value: { doubleValue: value } });

/** OTLP's INFO, and its WARN for what somebody should look at. */
const severityOf = ({ decision }: Verdict): number => (decision === 'flag' || decision === 'alert' ? 13 : 9);

/** The strongest finding of each category. */
const strongest = (findings: readonly Finding[]): readonly Finding[] => {
  const best = new Map<string, Finding>();
  for (const finding of findings) {
    if (finding.score > (best.get(finding.category)?.score ?? -1)) best.set(finding.category, finding);
  }
  return [...best.values()];
};

/** The events of a verdict; beside the evaluated span where the trace came as one. */
export const evaluationEvents = (trace: Trace, verdict: Verdict, at: Date): readonly EvaluationEvent[] => {
  const { responseId, traceId, spanId } = trace.origin ?? {};
  const parent =
    traceId !== undefined && spanId !== undefined && ID.trace.test(traceId) && ID.span.test(spanId)
      ? { traceId, spanId }
      : {};
  const common = [
    ...(responseId === undefined ? [] : [text('gen_ai.response.id', responseId)]),
    text('gen_ai.conversation.id', trace.conversationId),
    text(`${PREFIX}.trace.id`, trace.id),
    text(`${PREFIX}.assessment.state`, verdict.assessment.state),
  ];
  const event = (name: string, value: number, label: string): EvaluationEvent => ({
    timeUnixNano: `${at.getTime()}000000`,
    eventName: EVENT,
    severityNumber: severityOf(verdict),
    ...parent,
    attributes: [
      text('gen_ai.evaluation.name', `${PREFIX}.${name}`),
      number('gen_ai.evaluation.score.value', value),
      text('gen_ai.evaluation.score.label', label),
      ...common,
    ],
  });
  return [
    event('risk', verdict.risk, verdict.decision),
    ...strongest(verdict.findings).map(({ category, score, stance }) => event(category, score, stance)),
  ];
};
