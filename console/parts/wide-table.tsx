import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A table that scrolls sideways where it does not fit; only then does the keyboard stop at it. */
export const WideTable = ({ label, children }: { label: string; children: ComponentChildren }) => {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const follow = (): void => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute('tabindex');
    };
    const watch = new ResizeObserver(follow);
    watch.observe(box);
    follow();
    return () => watch.disconnect();
  });
  return (
    <section ref={place} class="wide-table" aria-label={label}>
      {children}
    </section>
  );
};
