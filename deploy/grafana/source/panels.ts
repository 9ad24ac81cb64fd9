import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

// How panels of ours look, so that a dashboard says what it asks and no more.

export type Panel = Builder<dashboard.Panel>;

/** Whatever the Prometheus of this Grafana is called: a variable of every dashboard. */
export const SOURCE: common.DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** What is asked, and what its line is called. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface PanelText {
  readonly title: string;
  /** What a reader should make of it. */
  readonly about: string;
  /** As Grafana names units. */
  readonly unit: string;
}

/** Columns of 24, rows of 30 pixels. */
interface Size {
  readonly span?: number;
  readonly height?: number;
}

const REF_IDS = 'ABCDEFGHIJ';

export interface Lines extends PanelText, Size {
  readonly queries: readonly Query[];
  readonly stacked?: boolean;
  /** The top of the scale, for shares. */
  readonly max?: number;
}

export const lines = ({ title, about, unit, queries, span = 8, height = 8, stacked = false, max }: Lines): Panel => {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .description(about)
    .datasource(SOURCE)
    .unit(unit)
    .min(0)
    .span(span)
    .height(height)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (max !== undefined) panel.max(max);
  for (const [i, { expr, legend }] of queries.entries()) {
    panel.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend).refId(REF_IDS[i]!).range());
  }
  return panel;
};

export interface Figure extends PanelText, Size {
  readonly expr: string;
  /** From this value on it is yellow, or red. */
  readonly warn?: number;
  readonly bad?: number;
  /** Whether less is worse: then those bounds colour what lies below them. */
  readonly lowIsBad?: boolean;
}

const colours = ({ warn, bad, lowIsBad = false }: Figure): dashboard.Threshold[] => {
  if (lowIsBad) {
    return [
      { value: null, color: bad === undefined ? 'green' : 'red' },
      ...(bad === undefined ? [] : [{ value: bad, color: 'green' }]),
    ];
  }
  return [
    { value: null, color: 'green' },
    ...(warn === undefined ? [] : [{ value: warn, color: 'yellow' }]),
    ...(bad === undefined ? [] : [{ value: bad, color: 'red' }]),
  ];
};

export const figure = (options: Figure): Panel =>
  new stat.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(SOURCE)
    .unit(options.unit)
    .span(options.span ?? 4)
    .height(options.height ?? 4)
    .graphMode(common.BigValueGraphMode.Area)
    .colorMode(common.BigValueColorMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(colours(options)))
    .withTarget(new DataqueryBuilder().expr(options.expr).legendFormat(options.title).refId('A').range());

export interface Rows extends Omit<PanelText, 'unit'>, Size {
  /** One column each, joined by the labels that they share. */
  readonly columns: readonly (Query & { readonly unit: string })[];
  /** Labels that are not shown. */
  readonly without?: readonly string[];
}

/** A table over the range of the dashboard: one row for each set of labels. */
export const rows = ({ title, about, columns, span = 12, height = 8, without = [] }: Rows): Panel => {
  const panel = new table.PanelBuilder().title(title).description(about).datasource(SOURCE).span(span).height(height);
  for (const [i, { expr }] of columns.entries()) {
    panel.withTarget(new DataqueryBuilder().expr(expr).refId(REF_IDS[i]!).instant().format(PromQueryFormat.Table));
  }
  const named = columns.map(({ legend }, i) => [columns.length === 1 ? 'Value' : `Value #${REF_IDS[i]!}`, legend]);
  panel.withTransformation({ id: 'merge', options: {} }).withTransformation({
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(['Time', '__name__', ...without].map((name) => [name, true])),
      renameByName: Object.fromEntries(named),
    },
  });
  for (const { legend, unit } of columns) panel.overrideByName(legend, [{ id: 'unit', value: unit }]);
  return panel;
};
