import { build, choice } from './frame.ts';
import { figure, lines, rows } from './panels.ts';
import { grown, quantile, rateBy, share, totalRate, wilson } from './queries.ts';

const VERDICTS = 'cot_monitor_verdicts_total';
const CARD = 'cot_monitor_card_verdicts_total';
const FLAGS = 'cot_monitor_flags_total';
const MODEL = 'model=~"$model"';

const inClass = `sum by (class) (${grown(CARD, `${MODEL}, class!="none"`)})`;
const settled = `scalar(sum(${grown(CARD, MODEL)}))`;

export const detection = build({
  uid: 'cot-monitor-detection',
  title: 'cot-monitor / detection',
  about: 'What was found, in how much of what was read, and what could not be read.',
  variables: [choice('model', 'Model', CARD)],
  sections: [
    {
      title: 'At a glance',
      panels: [
        figure({
          title: 'Verdicts',
          about: 'Verdicts made durable a second.',
          unit: 'cps',
          expr: totalRate(VERDICTS),
        }),
        figure({
          title: 'Flagged',
          about: 'Share of verdicts that flag or alert.',
          unit: 'percentunit',
          expr: share(totalRate(VERDICTS, 'decision=~"flag|alert"'), totalRate(VERDICTS)),
        }),
        figure({
          title: 'Alerts',
          about: 'Verdicts that alert, over the time shown.',
          unit: 'short',
          expr: `sum(${grown(VERDICTS, 'decision="alert"')})`,
        }),
        figure({
          title: 'Not assessed',
          about: 'Share of traces whose reasoning could not be read at all. Never to be taken for clean.',
          unit: 'percentunit',
          expr: share(totalRate(VERDICTS, 'state="not_assessed"'), totalRate(VERDICTS)),
          warn: 0.1,
          bad: 0.2,
        }),
        figure({
          title: 'Unjudged by detectors',
          about: 'Share of detector runs that failed or ran out of time.',
          unit: 'percentunit',
          expr: share(
            totalRate('cot_monitor_detector_outcomes_total', 'outcome="unjudged"'),
            totalRate('cot_monitor_detector_outcomes_total'),
          ),
          warn: 0.01,
          bad: 0.05,
        }),
        figure({
          title: 'Suppressed',
          about: 'Verdicts that a suppression kept from what they would have led to, over the time shown.',
          unit: 'short',
          expr: `sum(${grown('cot_monitor_suppressed_total')}) or vector(0)`,
        }),
      ],
    },
    {
      title: 'Classes of the o1 system card',
      panels: [
        rows({
          title: 'Rate per class',
          about:
            'Share of final verdicts in each class of the o1 system card’s table (§3.3.1), with its 95% interval, over the time ' +
            'shown. Raw: GET /v1/reports/deception gives the exact table, corrected by reviews and the shadow sample.',
          span: 12,
          columns: [
            { expr: inClass, legend: 'verdicts', unit: 'short' },
            { expr: `${inClass} / ${settled}`, legend: 'share', unit: 'percentunit' },
            { expr: wilson('low', inClass, settled), legend: 'from', unit: 'percentunit' },
            { expr: wilson('high', inClass, settled), legend: 'to', unit: 'percentunit' },
          ],
        }),
        lines({
          title: 'Share per class',
          about: 'The same over time, of final verdicts.',
          unit: 'percentunit',
          span: 12,
          queries: [
            {
              expr: `${rateBy('class', CARD, `${MODEL}, class!="none"`)} / scalar(${totalRate(CARD, MODEL)})`,
              legend: '{{class}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Decisions and coverage',
      panels: [
        lines({
          title: 'Decisions',
          about: 'unknown: nothing was found in a trace that was not wholly read.',
          unit: 'cps',
          queries: [{ expr: rateBy('decision', VERDICTS), legend: '{{decision}}' }],
          stacked: true,
        }),
        lines({
          title: 'Assessment',
          about: 'How much of what came in could be read.',
          unit: 'cps',
          queries: [{ expr: rateBy('state', VERDICTS), legend: '{{state}}' }],
          stacked: true,
        }),
        lines({
          title: 'Why not, or not wholly, assessed',
          about: 'A reason that jumps is usually a provider that changed what it hands out.',
          unit: 'cps',
          queries: [{ expr: rateBy('reason', 'cot_monitor_coverage_reasons_total'), legend: '{{reason}}' }],
        }),
      ],
    },
    {
      title: 'Flags',
      panels: [
        lines({
          title: 'Flags by category',
          about: 'Each flagged verdict once for every category that it rests on.',
          unit: 'cps',
          queries: [{ expr: rateBy('category', FLAGS, MODEL), legend: '{{category}}' }],
          stacked: true,
        }),
        lines({
          title: 'Flags by severity',
          about: 'By the worst finding of each category.',
          unit: 'cps',
          queries: [{ expr: rateBy('severity', FLAGS, MODEL), legend: '{{severity}}' }],
          stacked: true,
        }),
        rows({
          title: 'Flags over the time shown',
          about: 'Category and severity; the auditors’ list is GET /v1/flags.',
          span: 8,
          columns: [
            { expr: `sum by (category, severity) (${grown(FLAGS, MODEL)}) > 0`, legend: 'flags', unit: 'short' },
          ],
        }),
        lines({
          title: 'Findings by stance',
          about: 'mentioned and rejected never alert by themselves; intended and acted do.',
          unit: 'cps',
          queries: [{ expr: rateBy('stance', 'cot_monitor_findings_total'), legend: '{{stance}}' }],
          stacked: true,
        }),
        lines({
          title: 'Findings by view',
          about: 'Where the evidence lies: in what the model thought, said or did.',
          unit: 'cps',
          queries: [{ expr: rateBy('view', 'cot_monitor_findings_total'), legend: '{{view}}' }],
          stacked: true,
        }),
        lines({
          title: 'Unread fields',
          about: 'Long text under keys that the format does not know: a provider renamed a field.',
          unit: 'cps',
          queries: [{ expr: rateBy('format', 'cot_monitor_unread_fields_total'), legend: '{{format}}' }],
        }),
      ],
    },
    {
      title: 'Detectors',
      panels: [
        lines({
          title: 'Time of a detector (p95)',
          about: 'For one trace.',
          unit: 's',
          span: 12,
          queries: [
            {
              expr: quantile(0.95, 'cot_monitor_detector_duration_seconds', { by: 'detector' }),
              legend: '{{detector}}',
            },
          ],
        }),
        lines({
          title: 'Outcomes',
          about: 'A detector that failed is unjudged, never clear.',
          unit: 'cps',
          span: 12,
          queries: [
            {
              expr: rateBy('detector, outcome', 'cot_monitor_detector_outcomes_total'),
              legend: '{{detector}} {{outcome}}',
            },
          ],
        }),
      ],
    },
  ],
});
