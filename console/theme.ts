import { observed } from './observed.ts';

// Light, dark, or as the system has it. The choice is all that outlives the tab.

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const PLACE = 'cot-monitor.theme';

const stored = (): Theme => {
  const value = localStorage.getItem(PLACE);
  return THEMES.find((theme) => theme === value) ?? 'system';
};

export const theme = observed<Theme>(stored());

const apply = (): void => {
  document.documentElement.dataset.theme = theme.get();
};
theme.subscribe(() => {
  localStorage.setItem(PLACE, theme.get());
  apply();
});
apply();

export const nextTheme = (): Theme => THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length] ?? 'system';
