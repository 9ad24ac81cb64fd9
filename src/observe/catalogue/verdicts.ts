import { CARD_CLASSES } from '../../domain/card.ts';
import { ASSESSMENT_STATES, COVERAGE_REASONS, DECISIONS } from '../../domain/verdict.ts';
import { type MetricSpecs, SECONDS } from './metric.ts';

// What was decided, and how the detectors came to it.

export const VERDICT_METRICS = {
  cot_monitor_verdicts_total: {
    type: 'counter',
    help: 'Verdicts made durable, redeliveries not counted.',
    labels: ['state', 'decision', 'source'],
    known: { state: ASSESSMENT_STATES, decision: DECISIONS, source: ['http', 'kafka', 'otlp'] },
  },
  cot_monitor_coverage_reasons_total: {
    type: 'counter',
    help: 'Reasons why traces were not, or not wholly, assessed.',
    labels: ['reason'],
    known: { reason: COVERAGE_REASONS },
  },
  cot_monitor_findings_total: {
    type: 'counter',
    help: 'Findings in durable verdicts.',
    labels: ['category', 'stance', 'view', 'severity'],
  },
  cot_monitor_model_verdicts_total: {
    type: 'counter',
    help: 'Verdicts by model: those that METRICS_MODELS names, all others as other.',
    labels: ['model', 'decision'],
  },
  cot_monitor_card_verdicts_total: {
    type: 'counter',
    help: "Final verdicts by their class in the o1 system card's table, none for what it does not count.",
    labels: ['model', 'class'],
    known: { model: ['other'], class: [...CARD_CLASSES, 'none'] },
  },
  cot_monitor_flags_total: {
    type: 'counter',
    help: 'Final verdicts that flag or alert, once for each category that they rest on, by its highest severity.',
    labels: ['model', 'category', 'severity'],
  },
  cot_monitor_suppressed_total: {
    type: 'counter',
    help: 'Durable verdicts that a suppression kept from what they would have led to.',
    labels: ['decision'],
  },
  cot_monitor_conversations_total: {
    type: 'counter',
    help: 'Conversations that their turns together raised to a decision, counted as turns are stored.',
    labels: ['decision'],
    known: { decision: ['record', 'flag', 'alert'] },
  },
  cot_monitor_unread_fields_total: {
    type: 'counter',
    help: 'Long text under keys that the format does not know.',
    labels: ['format'],
  },
  cot_monitor_last_verdict_timestamp_seconds: {
    type: 'gauge',
    help: 'When the latest verdict became durable, seconds since the epoch.',
    labels: [],
  },
  cot_monitor_detector_duration_seconds: {
    type: 'histogram',
    help: 'Time one detector took for one trace.',
    labels: ['detector'],
    buckets: SECONDS,
  },
  cot_monitor_detector_outcomes_total: {
    type: 'counter',
    help: 'Outcomes of detectors.',
    labels: ['detector', 'outcome'],
  },
  cot_monitor_duplicates_total: {
    type: 'counter',
    help: 'Traces that were known already, and changed nothing.',
    labels: ['source'],
  },
  cot_monitor_conflicts_total: {
    type: 'counter',
    help: 'Traces refused because their id names other content.',
    labels: ['source'],
  },
  cot_monitor_build_info: {
    type: 'gauge',
    help: 'Always 1; versions as labels.',
    labels: ['version', 'rules', 'classifier', 'policy'],
  },
} as const satisfies MetricSpecs;
