import { useState } from 'preact/hooks';
import { authorised } from '../../access/session.ts';
import { addressOf, problemOf } from '../../api.ts';
import { Glyph } from '../../parts/icons.tsx';
import { say } from '../../parts/toasts.tsx';

// Taking flags away. The answer is fetched with one's credentials, so it passes through the page's memory; for hundreds of
// megabytes the API's stream, which can be resumed, is the better door.

/** Saves what the service answers as a file. Resolves to whether it worked. */
export const download = async (path: string, name: string): Promise<boolean> => {
  try {
    const answer = await fetch(authorised(new Request(addressOf(path))));
    if (!answer.ok) {
      say(problemOf(await answer.json().catch(() => null), answer).detail, 'wrong');
      return false;
    }
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return true;
  } catch {
    say('The export broke off. Try again, or take it over the API, where it can be resumed.', 'wrong');
    return false;
  }
};

export const ExportButtons = ({
  path,
  query,
  name,
  formats,
}: {
  path: string;
  query: string;
  name: string;
  formats: readonly string[];
}) => {
  const [busy, setBusy] = useState(false);
  const take = async (format: string): Promise<void> => {
    setBusy(true);
    const search = new URLSearchParams(query);
    search.set('format', format);
    const extension = format === 'markdown' ? 'md' : format;
    if (await download(`${path}?${search}`, `${name}.${extension}`)) {
      say('Exported. It is marked do-not-train: a model trained on it learns to hide.');
    }
    setBusy(false);
  };
  return (
    <span class="exports">
      <Glyph name="download" />
      {formats.map((format) => (
        <button key={format} type="button" class="button quiet" disabled={busy} onClick={() => void take(format)}>
          {format === 'markdown' ? 'Markdown' : format.toUpperCase()}
          <span class="hidden"> export</span>
        </button>
      ))}
    </span>
  );
};
