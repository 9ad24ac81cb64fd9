import { observed } from '../observed.ts';

// Who is signed in. The credential lives in sessionStorage: it ends with the tab, and no other origin can read it.

const PLACE = 'cot-monitor.credential';

interface Credential {
  readonly kind: 'key' | 'token';
  readonly secret: string;
}

/** Why nobody is signed in. */
type Absence = 'new' | 'left' | 'expired';

export interface Session {
  readonly credential: Credential | undefined;
  readonly absence: Absence;
}

const stored = (): Credential | undefined => {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null');
    if (typeof value !== 'object' || value === null || !('kind' in value) || !('secret' in value)) return undefined;
    const { kind, secret } = value;
    return (kind === 'key' || kind === 'token') && typeof secret === 'string' ? { kind, secret } : undefined;
  } catch {
    return undefined;
  }
};

const current = observed<Session>({ credential: stored(), absence: 'new' });

export const session = {
  current,
  begin: (credential: Credential): void => {
    sessionStorage.setItem(PLACE, JSON.stringify(credential));
    current.set({ credential, absence: 'new' });
  },
  end: (absence: Absence): void => {
    sessionStorage.removeItem(PLACE);
    current.set({ credential: undefined, absence });
  },
};

/** The same request with the credential of whoever is signed in. */
export const authorised = (request: Request): Request => {
  const { credential } = current.get();
  if (credential !== undefined) request.headers.set('authorization', `Bearer ${credential.secret}`);
  return request;
};
