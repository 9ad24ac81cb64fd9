import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { session } from './access/session.ts';
import type { Settings } from './access/settings.ts';
import { SignIn } from './access/sign-in.tsx';
import { useObserved } from './observed.ts';
import { Help } from './parts/help.tsx';
import { Glyph, type GlyphName } from './parts/icons.tsx';
import { useKeys } from './parts/keys.ts';
import { Empty } from './parts/notices.tsx';
import { Toasts } from './parts/toasts.tsx';
import { type Route, useRoute } from './route.ts';
import { nextTheme, theme } from './theme.ts';
import { Audit } from './views/audit.tsx';
import { Conversation } from './views/conversation/conversation.tsx';
import { Flags } from './views/flags/flags.tsx';
import { Card } from './views/reports/card.tsx';
import { Compare } from './views/reports/compare.tsx';
import { Reviewers } from './views/reports/reviewers.tsx';
import { Trends } from './views/reports/trends.tsx';
import { Scratchpad } from './views/scratchpad/scratchpad.tsx';
import { Suppressions } from './views/suppressions.tsx';

interface Place {
  readonly id: string;
  readonly label: string;
  readonly icon: GlyphName;
  readonly view: (route: Route) => ComponentChildren;
}

const PLACES: readonly Place[] = [
  { id: 'flags', label: 'Flags', icon: 'flags', view: ({ query }) => <Flags query={query} /> },
  { id: 'trends', label: 'Trends', icon: 'trends', view: ({ query }) => <Trends query={query} /> },
  { id: 'card', label: 'System card', icon: 'card', view: ({ query }) => <Card query={query} /> },
  { id: 'compare', label: 'Compare', icon: 'compare', view: ({ query }) => <Compare query={query} /> },
  { id: 'reviewers', label: 'Reviews', icon: 'reviews', view: ({ query }) => <Reviewers query={query} /> },
  {
    id: 'suppressions',
    label: 'Suppressions',
    icon: 'suppressions',
    view: ({ query }) => <Suppressions query={query} />,
  },
  { id: 'audit', label: 'Audit log', icon: 'audit', view: ({ query }) => <Audit query={query} /> },
  { id: 'scratchpad', label: 'Scratchpad', icon: 'scratchpad', view: () => <Scratchpad /> },
];

const viewOf = (route: Route): ComponentChildren => {
  const [name = 'flags', id] = route.path;
  if (name === 'conversations' && id !== undefined) return <Conversation key={id} id={id} query={route.query} />;
  const place = PLACES.find((each) => each.id === name);
  if (place !== undefined) return <Fragment key={name}>{place.view(route)}</Fragment>;
  return (
    <Empty title="There is no such page">
      <p>
        <a href="#/flags">Go to the flags</a>
      </p>
    </Empty>
  );
};

const THEME_GLYPHS = { system: 'half', light: 'sun', dark: 'moon' } as const;

const ThemeButton = () => {
  const chosen = useObserved(theme);
  return (
    <button type="button" class="button quiet" onClick={() => theme.set(nextTheme())}>
      <Glyph name={THEME_GLYPHS[chosen]} />
      <span class="side-word">{`Colours: ${chosen === 'system' ? 'as the system' : chosen}`}</span>
    </button>
  );
};

const Side = ({ route, openHelp, signedIn }: { route: Route; openHelp: () => void; signedIn: boolean }) => {
  const name = route.path[0] ?? 'flags';
  const here = name === 'conversations' ? 'flags' : name;
  return (
    <header class="side">
      <a class="brand" href="#/flags">
        <span class="brand-mark" aria-hidden="true" />
        cot-monitor
      </a>
      <nav aria-label="Views">
        {PLACES.map(({ id, label, icon }) => (
          <a key={id} href={`#/${id}`} aria-current={here === id ? 'page' : undefined}>
            <Glyph name={icon} />
            {label}
          </a>
        ))}
      </nav>
      <div class="side-foot">
        <button type="button" class="button quiet" onClick={openHelp}>
          <Glyph name="keys" />
          <span class="side-word">Keys</span> <kbd>?</kbd>
        </button>
        <ThemeButton />
        {signedIn && (
          <button type="button" class="button quiet" onClick={() => session.end('left')}>
            <Glyph name="leave" />
            <span class="side-word">Sign out</span>
          </button>
        )}
      </div>
    </header>
  );
};

const Inside = ({ signedIn }: { signedIn: boolean }) => {
  const route = useRoute();
  const [help, setHelp] = useState(false);
  useKeys({ '?': () => setHelp(true) });
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to the content
      </button>
      <Side route={route} openHelp={() => setHelp(true)} signedIn={signedIn} />
      <main id="content" tabIndex={-1}>
        {viewOf(route)}
      </main>
      <Help open={help} close={() => setHelp(false)} />
      <Toasts />
    </div>
  );
};

export const App = ({ settings, notice }: { settings: Settings; notice: string | undefined }) => {
  const { credential } = useObserved(session.current);
  return settings.credentials && credential === undefined ? (
    <SignIn settings={settings} notice={notice} />
  ) : (
    <Inside signedIn={credential !== undefined} />
  );
};
