import type { Alert, AlertFinding } from '../../domain/alert.ts';
import { sha256 } from '../../domain/ids.ts';
import { compareSeverity, type Severity } from '../../domain/taxonomy.ts';
import type { AlertGroup, GroupedAlert } from '../../domain/webhook.ts';

// Alerts that belong together: one rule, one model, one conversation. A rule that fires on every turn is told of once a
// window, with how often it did.

/** Newest alerts that a message names; it counts them all. */
const MOST_NAMED = 20;

const strongest = (findings: readonly AlertFinding[]): AlertFinding | undefined =>
  [...findings].sort((a, b) => compareSeverity(b.severity, a.severity) || b.score - a.score)[0];

const ruleOf = ({ findings }: Alert): string | null => {
  const first = strongest(findings);
  return first === undefined ? null : (first.detector.rule ?? first.detector.name);
};

/** @param alone whether each alert is a group of its own */
export const groupKeyOf = (alert: Alert, alone: boolean): string =>
  sha256(
    JSON.stringify(
      alone
        ? [alert.tenant, alert.alertId, alert.revision]
        : [alert.tenant, ruleOf(alert), alert.model, alert.conversationId],
    ),
  );

const nameOf = (alert: Alert): GroupedAlert => ({
  alertId: alert.alertId,
  revision: alert.revision,
  type: alert.type,
  traceId: alert.traceId,
  decision: alert.decision,
  risk: alert.risk,
  severity: strongest(alert.findings)?.severity ?? null,
  categories: [...new Set(alert.findings.map(({ category }) => category))],
  occurredAt: alert.occurredAt,
  url: alert.url,
});

const RANK = { raised: 2, updated: 1, withdrawn: 0 } as const;

const worse = (a: Severity | null, b: Severity | null): Severity | null => {
  if (a === null || b === null) return a ?? b;
  return compareSeverity(a, b) >= 0 ? a : b;
};

/** The group with one more alert. A newer revision takes the place of an older one of the same alert. */
export const withAlert = (group: AlertGroup | null, alert: Alert): AlertGroup => {
  const named = nameOf(alert);
  const { tenant, model, conversationId, occurredAt } = alert;
  if (group === null) {
    const { type, severity } = named;
    const rule = ruleOf(alert);
    return {
      tenant,
      rule,
      model,
      conversationId,
      type,
      severity,
      count: 1,
      from: occurredAt,
      to: occurredAt,
      alerts: [named],
    };
  }
  // ISO instants in UTC sort as text does.
  const [from = occurredAt, , to = occurredAt] = [group.from, occurredAt, group.to].sort();
  return {
    ...group,
    type: RANK[named.type] > RANK[group.type] ? named.type : group.type,
    severity: worse(group.severity, named.severity),
    count: group.count + 1,
    from,
    to,
    alerts: [named, ...group.alerts.filter(({ alertId }) => alertId !== named.alertId)].slice(0, MOST_NAMED),
  };
};
