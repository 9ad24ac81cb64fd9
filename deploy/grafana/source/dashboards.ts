import { detection } from './detection.ts';
import { models } from './models.ts';
import { pipeline } from './pipeline.ts';
import { serviceHealth } from './service-health.ts';

const all = { 'service-health': serviceHealth, detection, pipeline, models };

/** Where the JSON lies: for Grafana's file provisioning, and as the chart's own copy, which Helm can read. */
export const FOLDERS = ['deploy/grafana/dashboards', 'helm/cot-monitor/files/dashboards'] as const;

/** File names and texts. The panels' ids follow their order, so that a diff shows what changed. */
export const dashboardFiles = (): readonly { readonly name: string; readonly text: string }[] =>
  Object.entries(all).map(([name, board]) => ({ name: `${name}.json`, text: `${JSON.stringify(board, null, 2)}\n` }));
