import { type Observed, observed, useObserved } from './observed.ts';

// Where in the page one is, as the fragment of the address: servers never see it, so that what auditors search for and
// whom they look at stays out of access logs.

export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: new URLSearchParams(query),
  };
};

export const searchOf = (query: Query): URLSearchParams => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) if (each !== '') search.append(name, each);
  }
  return search;
};

export const hrefOf = (path: readonly string[], query: Query | URLSearchParams = {}): string => {
  const search = (query instanceof URLSearchParams ? query : searchOf(query)).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
};

const route: Observed<Route> = observed(parseRoute(location.hash));
addEventListener('hashchange', () => route.set(parseRoute(location.hash)));

export const useRoute = (): Route => useObserved(route);

export const go = (href: string): void => {
  location.hash = href;
};

/** As `go`, without a step in the history. */
export const shift = (href: string): void => {
  history.replaceState(history.state, '', href);
  route.set(parseRoute(href));
};

/** The query with some parameters set anew; undefined and '' take one away. */
export const withQuery = (query: URLSearchParams, changes: Query): URLSearchParams => {
  const next = new URLSearchParams(query);
  for (const name of Object.keys(changes)) next.delete(name);
  for (const [name, value] of searchOf(changes)) next.append(name, value);
  return next;
};
