import { showEstimate, type Table } from './eval-cells.ts';
import type { LeaveOneOutReport, LeftOutGroup, SystemReport } from './eval-leave-out.ts';
import { printable } from './terminal.ts';

// What was left out as tables, each system beside the others on the same rows.

const HEAD = ['against benign', 'against all', 'against twins', 'TPR at 5% FPR', 'at 1%', 'at 0.1%'];

const cells = ({ aurocBenign, aurocAll, aurocTwins, measures }: SystemReport): string[] => [
  ...[aurocBenign, aurocAll, aurocTwins].map(showEstimate),
  ...[0, 1, 2].map((i) => showEstimate(measures?.points[i]?.tpr ?? null)),
];

const groupRows = ({ name, positives, systems }: LeftOutGroup): string[][] =>
  systems.map((system) => [`${printable(name)} (${positives})`, system.name, ...cells(system)]);

export const leaveOneOutTables = ({ by, folds, seeds, notRead, groups, trainingSets }: LeaveOneOutReport): Table[] => [
  {
    title: `Each ${by} left out (${folds} folds, ${seeds} seeds, ${notRead} traces in none of them)`,
    head: ['positives of', 'system', ...HEAD],
    rows: groups.flatMap(groupRows),
  },
  {
    title: 'What each training set is worth (one seed)',
    head: ['trained without', 'positives of', 'system', ...HEAD],
    rows: trainingSets.flatMap(({ without, groups: of }) =>
      of.flatMap(groupRows).map((row) => [without === null ? '(all sets)' : printable(without), ...row]),
    ),
  },
];
