import * as oauth from 'oauth4webapi';
import type { Issuer } from './settings.ts';

// Signing in at an OpenID Connect issuer: authorization code with PKCE, as a public client. What is remembered while one
// is away lives in sessionStorage and is used once.

const PLACE = 'cot-monitor.sign-in';

interface Remembered {
  readonly verifier: string;
  readonly state: string;
  /** Where in the page one was. */
  readonly hash: string;
}

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

/** Plain http is for an issuer on this machine alone. */
const optionsFor = (issuer: URL): { [oauth.allowInsecureRequests]?: boolean } =>
  isLoopback(issuer) ? { [oauth.allowInsecureRequests]: true } : {};

const discover = async ({ issuer }: Issuer): Promise<oauth.AuthorizationServer> => {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, optionsFor(url)));
};

/** What the issuer must know as a redirect address. */
const redirectUri = (): string => new URL('.', location.href).href;

/** Leaves the page for the issuer's. */
export const leaveForIssuer = async (settings: Issuer): Promise<void> => {
  const server = await discover(settings);
  if (server.authorization_endpoint === undefined) throw new Error('The issuer names no authorization endpoint.');
  const remembered: Remembered = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    hash: location.hash,
  };
  sessionStorage.setItem(PLACE, JSON.stringify(remembered));
  const address = new URL(server.authorization_endpoint);
  const parameters = {
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    response_type: 'code',
    scope: settings.scopes,
    // Some issuers give tokens for an API only to whoever names it; others ignore the parameter.
    audience: settings.audience,
    code_challenge: await oauth.calculatePKCECodeChallenge(remembered.verifier),
    code_challenge_method: 'S256',
    state: remembered.state,
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
};

export const cameFromIssuer = (): boolean => {
  const { searchParams } = new URL(location.href);
  return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));
};

/** Trades the code for a token. @throws where the answer is not one to our question */
export const tokenFromIssuer = async (settings: Issuer): Promise<string> => {
  const address = new URL(location.href);
  const remembered = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null') as Remembered | null;
  sessionStorage.removeItem(PLACE);
  // The code is good once and belongs in no history.
  history.replaceState(null, '', `${address.pathname}${remembered?.hash ?? ''}`);
  if (remembered === null) throw new Error('This sign-in was not begun here.');
  const server = await discover(settings);
  const client: oauth.Client = { client_id: settings.clientId };
  const parameters = oauth.validateAuthResponse(server, client, address, remembered.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri(),
    remembered.verifier,
    optionsFor(new URL(settings.issuer)),
  );
  const { access_token: token } = await oauth.processAuthorizationCodeResponse(server, client, answer);
  return token;
};
