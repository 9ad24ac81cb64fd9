import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** Title, one sentence, and what can be done on the page. */
export const PageHead = ({
  title,
  about,
  children,
}: {
  title: string;
  about?: ComponentChildren;
  children?: ComponentChildren;
}) => {
  useEffect(() => {
    document.title = `${title} · cot-monitor`;
  }, [title]);
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        {about !== undefined && <p>{about}</p>}
      </div>
      {children !== undefined && <div class="page-actions">{children}</div>}
    </header>
  );
};
