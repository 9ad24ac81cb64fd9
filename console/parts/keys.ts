import { useEffect, useRef } from 'preact/hooks';

// Keys that act wherever one is, but not while one writes, holds a modifier, or has a dialog open.

export type KeyMap = Readonly<Record<string, (() => void) | undefined>>;

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type));

export const useKeys = (keys: KeyMap): void => {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (writes(event.target)) {
        if (event.key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      // What is focused answers Enter itself, but for a row of the list.
      if (
        event.key === 'Enter' &&
        event.target instanceof Element &&
        event.target.closest('button, summary, a:not([data-flag])')
      )
        return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
};
