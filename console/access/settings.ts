// What the service says of itself before anybody has signed in.

export interface Issuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: string;
  readonly audience: string;
}

export interface Settings {
  /** Whether requests need a key or token. */
  readonly credentials: boolean;
  readonly oidc: Issuer | null;
}

/** @throws where the service does not answer */
export const loadSettings = async (): Promise<Settings> => {
  const answer = await fetch(new URL('settings.json', new URL('.', location.href)));
  if (!answer.ok) throw new Error('no settings');
  return (await answer.json()) as Settings;
};
