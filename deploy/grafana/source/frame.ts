import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { type Panel, SOURCE } from './panels.ts';

// What all dashboards have around their panels. The classic dashboard model, although the SDK's newer one is to replace
// it: file provisioning and the sidecars of Helm charts load this one in every Grafana that is still supported.

export interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface DashboardText {
  /** Part of its address: /d/<uid>. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly sections: readonly Section[];
  readonly from?: string;
  readonly variables?: readonly dashboard.QueryVariableBuilder[];
  /** A choice of lengths of time. */
  readonly interval?: dashboard.IntervalVariableBuilder;
}

/** Choices that are taken from the values of a label; all of them unless somebody chooses. */
export const choice = (name: string, label: string, metric: string): dashboard.QueryVariableBuilder =>
  new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query({ query: `label_values(${metric}, ${name})`, refId: name })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: 'All', value: '$__all' });

export const TAG = 'cot-monitor';

export const build = ({ uid, title, about, sections, from = 'now-6h', variables = [], interval }: DashboardText) => {
  const board = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags([TAG])
    .timezone('utc')
    .time({ from, to: 'now' })
    .refresh('30s')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder('cot-monitor')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(choice('job', 'Job', 'cot_monitor_build_info'));
  for (const variable of variables) board.withVariable(variable);
  if (interval !== undefined) board.withVariable(interval);
  for (const section of sections) {
    board.withRow(new dashboard.RowBuilder(section.title));
    for (const panel of section.panels) board.withPanel(panel);
  }
  return board.build();
};
