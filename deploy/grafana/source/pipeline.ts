import { build } from './frame.ts';
import { figure, lines, rows } from './panels.ts';
import { of, quantile, quantiles, rateBy, share, totalRate } from './queries.ts';

const RECORDS = 'cot_monitor_kafka_records_total';
const DELAY = 'cot_monitor_kafka_delay_seconds';
const JUDGED = 'cot_monitor_judge_outcomes_total';
const EXCERPTS = 'cot_monitor_judge_excerpts_total';

export const pipeline = build({
  uid: 'cot-monitor-pipeline',
  title: 'cot-monitor / pipeline',
  about: 'How far behind the service is: what waits to be read, to be judged and to be published.',
  sections: [
    {
      title: 'At a glance',
      panels: [
        figure({
          title: 'Records waiting',
          about: 'Records of the traces topic that are not yet stored.',
          unit: 'short',
          expr: `sum(${of('cot_monitor_kafka_consumer_lag')})`,
          warn: 1000,
          bad: 10_000,
        }),
        figure({
          title: 'Late records',
          about: 'Share whose verdict came later than 30 s after their timestamp. Objective: 1%.',
          unit: 'percentunit',
          expr: `1 - ${totalRate(`${DELAY}_bucket`, 'le="30"')} / ${totalRate(`${DELAY}_count`)}`,
          warn: 0.01,
          bad: 0.1,
        }),
        figure({
          title: 'Members of the group',
          about: 'Replicas whose consumer is in its group.',
          unit: 'short',
          expr: `sum(${of('cot_monitor_kafka_connected')})`,
          bad: 1,
          lowIsBad: true,
        }),
        figure({
          title: 'Oldest alert waiting',
          about: 'Age of the oldest message in the outbox. CotMonitorOutboxStuck pages at five minutes.',
          unit: 's',
          expr: `max(${of('cot_monitor_outbox_age_seconds')})`,
          warn: 60,
          bad: 300,
        }),
        figure({
          title: 'Oldest judge work',
          about: 'Age of the oldest judge work that is not done.',
          unit: 's',
          expr: `max(${of('cot_monitor_judge_queue_age_seconds')})`,
          warn: 300,
          bad: 900,
        }),
        figure({
          title: 'Judge failures',
          about: 'Share of judgements that end without one: error, timeout, refusal or budget.',
          unit: 'percentunit',
          expr: share(totalRate(JUDGED, 'outcome!~"judged|partial"'), totalRate(JUDGED)),
          warn: 0.05,
          bad: 0.2,
        }),
      ],
    },
    {
      title: 'Kafka',
      panels: [
        lines({
          title: 'Records by result',
          about: 'What became of what was read.',
          unit: 'cps',
          queries: [{ expr: rateBy('result', RECORDS), legend: '{{result}}' }],
          stacked: true,
        }),
        lines({
          title: 'Lag by partition',
          about: 'One partition that grows alone holds a hot key or a stuck record.',
          unit: 'short',
          queries: [{ expr: `max by (partition) (${of('cot_monitor_kafka_consumer_lag')})`, legend: '{{partition}}' }],
        }),
        lines({
          title: 'From record to durable verdict',
          about: 'From the timestamp of a record.',
          unit: 's',
          queries: quantiles(DELAY),
        }),
        lines({
          title: 'Quarantined',
          about: 'Records that could not be read, by code.',
          unit: 'cps',
          queries: [{ expr: rateBy('code', 'cot_monitor_kafka_quarantined_total'), legend: '{{code}}' }],
        }),
        lines({
          title: 'Known already',
          about: 'Redelivered traces that changed nothing, and ids that came with other content.',
          unit: 'cps',
          queries: [
            { expr: rateBy('source', 'cot_monitor_duplicates_total'), legend: 'duplicate, {{source}}' },
            { expr: rateBy('source', 'cot_monitor_conflicts_total'), legend: 'conflict, {{source}}' },
          ],
        }),
        lines({
          title: 'OTLP spans and batch lines',
          about: 'without_content: the instrumentation did not record the messages.',
          unit: 'cps',
          queries: [
            { expr: rateBy('result', 'cot_monitor_otlp_spans_total'), legend: 'span {{result}}' },
            { expr: rateBy('result', 'cot_monitor_batch_lines_total'), legend: 'line {{result}}' },
          ],
        }),
      ],
    },
    {
      title: 'Outbox',
      panels: [
        lines({
          title: 'Messages waiting',
          about: 'Of the shared store: every replica shows the same.',
          unit: 'short',
          queries: [{ expr: `max(${of('cot_monitor_outbox_depth')})`, legend: 'messages' }],
        }),
        lines({
          title: 'Age of the oldest',
          about: 'Grows while the brokers are away or refuse.',
          unit: 's',
          queries: [{ expr: `max(${of('cot_monitor_outbox_age_seconds')})`, legend: 'age' }],
        }),
        lines({
          title: 'Published',
          about: 'Messages that the brokers acknowledged, and attempts that failed.',
          unit: 'cps',
          queries: [
            { expr: rateBy('kind', 'cot_monitor_outbox_published_total'), legend: '{{kind}}' },
            { expr: totalRate('cot_monitor_outbox_errors_total'), legend: 'failed attempts' },
          ],
        }),
      ],
    },
    {
      title: 'Judge',
      panels: [
        lines({
          title: 'Queue',
          about: 'dead: given up. Of the shared store.',
          unit: 'short',
          queries: [{ expr: `max by (state) (${of('cot_monitor_judge_queue_jobs')})`, legend: '{{state}}' }],
        }),
        lines({
          title: 'Judgements',
          about: 'What became of them. Refusals cluster on the worst traces.',
          unit: 'cps',
          queries: [{ expr: rateBy('judge, outcome', JUDGED), legend: '{{judge}} {{outcome}}' }],
          stacked: true,
        }),
        lines({
          title: 'Tries by cause',
          about: 'shadow: drawn at random from below the band.',
          unit: 'cps',
          queries: [{ expr: rateBy('cause, result', 'cot_monitor_judge_jobs_total'), legend: '{{cause}} {{result}}' }],
        }),
        lines({
          title: 'Calls by result',
          about: 'answered, a fault of the answer, or a fault on the way.',
          unit: 'cps',
          queries: [{ expr: rateBy('step, result', 'cot_monitor_judge_calls_total'), legend: '{{step}} {{result}}' }],
        }),
        lines({
          title: 'Time',
          about: 'Of one call by step, and of a whole judgement (p95).',
          unit: 's',
          queries: [
            { expr: quantile(0.95, 'cot_monitor_judge_call_duration_seconds', { by: 'step' }), legend: '{{step}}' },
            { expr: quantile(0.95, 'cot_monitor_judge_duration_seconds'), legend: 'judgement' },
          ],
        }),
        lines({
          title: 'Tokens and retries',
          about: 'As the endpoints say, estimated where they say nothing.',
          unit: 'cps',
          queries: [
            { expr: rateBy('kind', 'cot_monitor_judge_tokens_total'), legend: '{{kind}} tokens' },
            { expr: totalRate('cot_monitor_judge_retries_total'), legend: 'retries' },
          ],
        }),
        lines({
          title: 'Cost an hour',
          about: 'At the configured prices; CotMonitorJudgeCost watches it.',
          unit: 'currencyUSD',
          queries: [{ expr: `3600 * ${totalRate('cot_monitor_judge_cost_usd_total')}`, legend: 'USD an hour' }],
        }),
        lines({
          title: 'Excerpts by whether they occur',
          about: 'A judge that invents quotes is a judge to replace.',
          unit: 'cps',
          queries: [{ expr: rateBy('result', EXCERPTS), legend: '{{result}}' }],
        }),
        lines({
          title: 'Left alone',
          about: '1 while an endpoint is left alone because it kept failing.',
          unit: 'short',
          max: 1,
          queries: [{ expr: `max by (judge) (${of('cot_monitor_judge_breaker_open')})`, legend: '{{judge}}' }],
        }),
        lines({
          title: 'What final verdicts replaced',
          about: 'From the provisional decision to the final one.',
          unit: 'cps',
          queries: [
            {
              expr: rateBy('before, decision', 'cot_monitor_final_verdicts_total'),
              legend: '{{before}} → {{decision}}',
            },
          ],
        }),
        lines({
          title: 'What the cheap tiers miss',
          about: 'Share of the random sample below the band that the judge would have flagged, with its 95% interval.',
          unit: 'percentunit',
          max: 1,
          queries: [{ expr: `max by (bound) (${of('cot_monitor_shadow_miss_share')})`, legend: '{{bound}}' }],
        }),
        rows({
          title: 'Canaries',
          about: 'Traces with known answers: 1 where the latest answer was that one.',
          span: 8,
          columns: [{ expr: `min by (canary) (${of('cot_monitor_canary_ok')})`, legend: 'ok', unit: 'short' }],
        }),
      ],
    },
  ],
});
