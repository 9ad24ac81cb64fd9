import { useState } from 'preact/hooks';
import { api, problemOf } from '../api.ts';
import { useObserved } from '../observed.ts';
import { Glyph } from '../parts/icons.tsx';
import { leaveForIssuer } from './oidc.ts';
import { session } from './session.ts';
import type { Settings } from './settings.ts';

const NOTICES = {
  new: undefined,
  left: 'You have signed out.',
  expired: 'Your key or token is not valid any more. Sign in again.',
} as const;

/** Tries a key before it is kept. Resolves to what is wrong with it, if anything. */
const objectionTo = async (key: string): Promise<string | undefined> => {
  const headers = { authorization: `Bearer ${key}` };
  try {
    const { error, response } = await api.GET('/v1/flags', { params: { query: { limit: 1 } }, headers });
    if (response.ok) return undefined;
    if (response.status === 401) return 'The service does not accept this key. It may be mistyped, expired or revoked.';
    if (response.status === 403) return 'This key lacks the scope `audit`, which reading flags needs.';
    return problemOf(error, response).detail;
  } catch {
    return 'The service does not answer.';
  }
};

export const SignIn = ({ settings, notice }: { settings: Settings; notice: string | undefined }) => {
  const { absence } = useObserved(session.current);
  const [wrong, setWrong] = useState<string | undefined>(notice);
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const key = String(new FormData(form).get('key') ?? '').trim();
    if (!/^[\x21-\x7e]+$/.test(key)) return setWrong('A key is one word without blanks.');
    setBusy(true);
    const objection = await objectionTo(key);
    setBusy(false);
    if (objection === undefined) session.begin({ kind: 'key', secret: key });
    else setWrong(objection);
  };
  const leave = (): void => {
    if (settings.oidc === null) return;
    setBusy(true);
    leaveForIssuer(settings.oidc).catch(() => {
      setBusy(false);
      setWrong('The identity provider does not answer.');
    });
  };
  const told = wrong ?? NOTICES[absence];
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" />
          cot-monitor
        </p>
        <h1>Sign in</h1>
        <p class="fine">Reading what models thought is logged: who, what and when.</p>
        {told !== undefined && (
          <p class="notice" role="alert">
            {told}
          </p>
        )}
        {settings.oidc !== null && (
          <>
            <button type="button" class="button primary wide" disabled={busy} onClick={leave}>
              Continue with {new URL(settings.oidc.issuer).host}
            </button>
            <p class="or">or</p>
          </>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          <label>
            API key
            <input name="key" type="password" autocomplete="off" spellcheck={false} required placeholder="cotm_…" />
          </label>
          <button type="submit" class={`button wide ${settings.oidc === null ? 'primary' : ''}`} disabled={busy}>
            <Glyph name="lock" /> Sign in with a key
          </button>
        </form>
        <p class="fine">The key needs the scope audit. It is kept in this tab until you close it, and nowhere else.</p>
      </div>
    </main>
  );
};
