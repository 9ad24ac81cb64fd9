import { observed, useObserved } from '../observed.ts';

// One line at the bottom that says what has just happened; read out by screen readers, gone by itself.

const STAYS_MS = 6_000;

interface Toast {
  readonly text: string;
  readonly tone: 'done' | 'wrong';
}

const current = observed<Toast | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

export const say = (text: string, tone: Toast['tone'] = 'done'): void => {
  current.set({ text, tone });
  clearTimeout(timer);
  timer = setTimeout(() => current.set(undefined), STAYS_MS);
};

export const Toasts = () => {
  const toast = useObserved(current);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toast !== undefined && (
        <div class="toast" data-tone={toast.tone}>
          {toast.text}
        </div>
      )}
    </div>
  );
};
