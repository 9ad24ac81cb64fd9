import { build } from './frame.ts';
import { figure, lines, rows } from './panels.ts';
import { of, quantile, quantiles, rate, rateBy, share, totalRate } from './queries.ts';

const REQUESTS = 'cot_monitor_http_requests_total';
const DURATION = 'cot_monitor_http_request_duration_seconds';
const INGEST = 'route=~"/v1/(monitor.*|traces)"';

export const serviceHealth = build({
  uid: 'cot-monitor-service',
  title: 'cot-monitor / service health',
  about: 'Whether the service answers, how fast, and what it runs on.',
  sections: [
    {
      title: 'At a glance',
      panels: [
        figure({
          title: 'Replicas up',
          about: 'Replicas that answered the latest scrape.',
          unit: 'short',
          expr: `sum(${of('up')})`,
          bad: 1,
          lowIsBad: true,
        }),
        figure({
          title: 'Requests',
          about: 'Requests answered a second.',
          unit: 'reqps',
          expr: totalRate(REQUESTS),
        }),
        figure({
          title: 'Server errors',
          about: 'Share of requests that ended in a 5xx. CotMonitorErrors pages at 5%.',
          unit: 'percentunit',
          expr: share(totalRate(REQUESTS, 'status=~"5.."'), totalRate(REQUESTS)),
          warn: 0.01,
          bad: 0.05,
        }),
        figure({
          title: 'Since the last verdict',
          about: 'Time since a verdict became durable, on the replica that wrote one last.',
          unit: 's',
          expr: `time() - max(${of('cot_monitor_last_verdict_timestamp_seconds')})`,
        }),
        figure({
          title: 'Canaries failing',
          about: 'Traces with known answers that got another answer, or none.',
          unit: 'short',
          expr: `count(min by (canary) (${of('cot_monitor_canary_ok')}) == 0) or vector(0)`,
          bad: 1,
        }),
        figure({
          title: 'Broken audit chains',
          about: 'Chains in which the running check found an entry altered, missing or out of place.',
          unit: 'short',
          expr: `max(${of('cot_monitor_audit_broken_chains')})`,
          bad: 1,
        }),
      ],
    },
    {
      title: 'HTTP',
      panels: [
        lines({
          title: 'Requests by route',
          about: 'Routes as the service names them, never addresses that were asked for.',
          unit: 'reqps',
          queries: [{ expr: rateBy('method, route', REQUESTS), legend: '{{method}} {{route}}' }],
        }),
        lines({
          title: 'Requests by status',
          about: '503 with a shed counter beside it means at capacity; 503 alone means that the store is away.',
          unit: 'reqps',
          queries: [{ expr: rateBy('status', REQUESTS), legend: '{{status}}' }],
          stacked: true,
        }),
        lines({
          title: 'Time to a verdict',
          about: 'From the request to the durable verdict, over all routes that take traces.',
          unit: 's',
          queries: quantiles(DURATION, INGEST),
        }),
        lines({
          title: 'p95 by route',
          about: 'The slow twentieth of each route.',
          unit: 's',
          queries: [{ expr: quantile(0.95, DURATION, { by: 'route' }), legend: '{{route}}' }],
        }),
        lines({
          title: 'In hand',
          about: 'Traces in the pipeline over REST, and live streams that are open.',
          unit: 'short',
          queries: [
            { expr: `sum(${of('cot_monitor_http_in_flight')})`, legend: 'traces' },
            { expr: `sum(${of('cot_monitor_streams_open')})`, legend: 'streams' },
          ],
        }),
        lines({
          title: 'Turned away',
          about: 'Requests answered 503 because the service was at capacity.',
          unit: 'reqps',
          queries: [{ expr: totalRate('cot_monitor_http_shed_total'), legend: 'shed' }],
        }),
      ],
    },
    {
      title: 'Store',
      panels: [
        lines({
          title: 'Store answers',
          about: '1 while the store answers this replica.',
          unit: 'short',
          max: 1,
          queries: [{ expr: of('cot_monitor_store_up'), legend: '{{instance}}' }],
        }),
        lines({
          title: 'Time of a commit',
          about: 'One transaction of verdicts.',
          unit: 's',
          queries: quantiles('cot_monitor_store_commit_duration_seconds'),
        }),
        lines({
          title: 'Verdicts a transaction',
          about: 'Grows with the load by itself; at STORE_BATCH_SIZE the store is the bottleneck.',
          unit: 'short',
          queries: [
            {
              expr: `${totalRate('cot_monitor_store_batch_size_sum')} / ${totalRate('cot_monitor_store_batch_size_count')}`,
              legend: 'mean',
            },
          ],
        }),
        lines({
          title: 'Database connections',
          about: 'Of all pools together. Whatever waits, waits for DATABASE_POOL_SIZE.',
          unit: 'short',
          queries: [
            { expr: `sum by (state) (${of('cot_monitor_database_connections')})`, legend: '{{state}}' },
            { expr: `sum(${of('cot_monitor_database_connections_limit')})`, legend: 'limit' },
          ],
        }),
        lines({
          title: 'Failed transactions',
          about: 'What was in them was not acknowledged, and comes again.',
          unit: 'cps',
          queries: [{ expr: totalRate('cot_monitor_store_errors_total'), legend: 'failed' }],
        }),
        lines({
          title: 'Audit entries checked',
          about: 'The running check walks the chains over and over.',
          unit: 'cps',
          queries: [{ expr: totalRate('cot_monitor_audit_entries_checked_total'), legend: 'entries' }],
        }),
      ],
    },
    {
      title: 'Process',
      panels: [
        lines({
          title: 'Processor',
          about: 'Processors that are busy.',
          unit: 'short',
          queries: [{ expr: rate('process_cpu_seconds_total'), legend: '{{instance}}' }],
        }),
        lines({
          title: 'Memory',
          about: 'Resident memory.',
          unit: 'bytes',
          queries: [{ expr: of('process_resident_memory_bytes'), legend: '{{instance}}' }],
        }),
        lines({
          title: 'Event loop',
          about: 'How late the event loop is (p99). Detectors run in threads: this should stay in the milliseconds.',
          unit: 's',
          queries: [{ expr: of('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
        }),
        rows({
          title: 'Versions in force',
          about: 'More than one row while a roll-out is under way, or after one that stopped half-way.',
          span: 24,
          height: 5,
          columns: [
            {
              expr: `count by (version, rules, classifier, policy) (${of('cot_monitor_build_info')})`,
              legend: 'replicas',
              unit: 'short',
            },
          ],
        }),
      ],
    },
  ],
});
