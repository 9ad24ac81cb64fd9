import { readText } from '../contract/documents.ts';

// The dashboards as Grafana reads them: as far as tests look into them.

export interface Target {
  readonly expr: string;
  readonly instant?: boolean;
  readonly refId: string;
}

export interface DashboardPanel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly Target[];
  readonly panels?: readonly DashboardPanel[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly DashboardPanel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

export const DASHBOARDS = ['service-health', 'detection', 'pipeline', 'models'] as const;

export const readDashboard = (name: string): Dashboard =>
  JSON.parse(readText(`deploy/grafana/dashboards/${name}.json`)) as Dashboard;

/** Rows hold the panels below them where they are folded. */
export const panelsOf = ({ panels }: Dashboard): readonly DashboardPanel[] =>
  panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));

export interface DashboardQuery {
  /** Where it stands, for messages. */
  readonly place: string;
  readonly expr: string;
}

export const queriesOf = (name: string): readonly DashboardQuery[] =>
  panelsOf(readDashboard(name)).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, refId }) => ({ place: `${name} / ${title} / ${refId}`, expr })),
  );
