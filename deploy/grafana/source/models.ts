import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { build, choice } from './frame.ts';
import { lines, rows } from './panels.ts';
import { of, rateBy, wilson } from './queries.ts';

// Per-model drift. `$window` is long enough to hold verdicts that say something: a share over a minute says nothing.

const VERDICTS = 'cot_monitor_model_verdicts_total';
const CARD = 'cot_monitor_card_verdicts_total';
const MODEL = 'model=~"$model"';
const FLAGGED = `${MODEL}, decision=~"flag|alert"`;

const increase = (labels: string, metric: string, matchers: string, offset = ''): string =>
  `sum by (${labels}) (increase(${of(metric, matchers)}[$window]${offset}))`;

/** How many were flagged: 0, and not nothing, for a model of which none was. */
const flagged = (offset = ''): string =>
  `(${increase('model', VERDICTS, FLAGGED, offset)} or 0 * ${increase('model', VERDICTS, MODEL, offset)})`;
const all = (offset = ''): string => increase('model', VERDICTS, MODEL, offset);

const BEFORE = ' offset $window';
const pooled = `((${flagged()} + ${flagged(BEFORE)} + 1) / (${all()} + ${all(BEFORE)} + 2))`;
const shift = `${flagged()} / ${all()} - ${flagged(BEFORE)} / ${all(BEFORE)}`;

const windows = new dashboard.IntervalVariableBuilder('window')
  .label('Window')
  .values('1h,6h,1d,7d')
  .current({ selected: true, text: '6h', value: '6h' });

export const models = build({
  uid: 'cot-monitor-models',
  title: 'cot-monitor / models',
  about:
    'Whether a model, or a version of one, is flagged more or less than before. METRICS_MODELS names the models; all others ' +
    'are `other`. GET /v1/reports/compare puts two versions beside one another with a sequential test.',
  from: 'now-7d',
  variables: [choice('model', 'Model', VERDICTS)],
  interval: windows,
  sections: [
    {
      title: 'Now and before',
      panels: [
        rows({
          title: 'Flagged share, this window and the one before',
          about:
            'With the 95% interval of this window, and how many standard errors lie between the two. ' +
            'CotMonitorFlagRateShift opens a ticket above four.',
          span: 24,
          columns: [
            { expr: all(), legend: 'verdicts', unit: 'short' },
            { expr: `${flagged()} / ${all()}`, legend: 'flagged', unit: 'percentunit' },
            { expr: wilson('low', flagged(), all()), legend: 'from', unit: 'percentunit' },
            { expr: wilson('high', flagged(), all()), legend: 'to', unit: 'percentunit' },
            { expr: `${flagged(BEFORE)} / ${all(BEFORE)}`, legend: 'before', unit: 'percentunit' },
            {
              expr: `abs(${shift}) / sqrt(${pooled} * (1 / ${all()} + 1 / ${all(BEFORE)}))`,
              legend: 'standard errors',
              unit: 'short',
            },
          ],
        }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        lines({
          title: 'Flagged share by model',
          about: 'Share of verdicts that flag or alert, over the window.',
          unit: 'percentunit',
          span: 12,
          queries: [{ expr: `${flagged()} / ${all()}`, legend: '{{model}}' }],
        }),
        lines({
          title: 'Share that could be decided by model',
          about: 'A model whose reasoning disappears becomes unknown, not clean.',
          unit: 'percentunit',
          span: 12,
          max: 1,
          queries: [
            {
              expr: `1 - (${increase('model', VERDICTS, `${MODEL}, decision="unknown"`)} or 0 * ${all()}) / ${all()}`,
              legend: '{{model}}',
            },
          ],
        }),
        lines({
          title: 'Verdicts by model',
          about: 'How much there is to go by.',
          unit: 'cps',
          span: 12,
          queries: [{ expr: rateBy('model', VERDICTS, MODEL), legend: '{{model}}' }],
          stacked: true,
        }),
        lines({
          title: 'Classes of the o1 system card by model',
          about: 'Share of final verdicts in each class, over the window.',
          unit: 'percentunit',
          span: 12,
          queries: [
            {
              expr: `${increase('model, class', CARD, `${MODEL}, class!="none"`)} / on (model) group_left ${increase('model', CARD, MODEL)} > 0`,
              legend: '{{model}} {{class}}',
            },
          ],
        }),
        lines({
          title: 'Flags by model and category',
          about: 'What a shift consists of.',
          unit: 'short',
          span: 12,
          queries: [
            {
              expr: increase('model, category', 'cot_monitor_flags_total', MODEL),
              legend: '{{model}} {{category}}',
            },
          ],
          stacked: true,
        }),
        lines({
          title: 'Our own versions',
          about: 'A shift that begins where a line ends is ours: rules, classifier or policy changed.',
          unit: 'short',
          span: 12,
          queries: [
            {
              expr: `count by (version, rules, classifier, policy) (${of('cot_monitor_build_info')})`,
              legend: '{{version}} rules {{rules}} classifier {{classifier}} policy {{policy}}',
            },
          ],
        }),
      ],
    },
  ],
});
