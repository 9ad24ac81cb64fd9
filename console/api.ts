import { useEffect, useRef, useState } from 'preact/hooks';
import { type components, createMonitorClient } from '../src/client/client.ts';
import { authorised, session } from './access/session.ts';

// Everything that the page knows comes from the API, through the client that other programs use.

export type Schemas = components['schemas'];
export type Flag = Schemas['Flag'];
export type Finding = Schemas['Finding'];
export type Turn = Schemas['Turn'];
export type Verdict = Schemas['Verdict'];
export type Rate = Schemas['Rate'];
export type Estimate = Schemas['Estimate'];

/** What went wrong, to be shown. */
export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly fields: readonly string[];
  /** To be quoted to whoever runs the service. */
  readonly requestId: string | null;
}

export type Result<T> =
  | { readonly data: T; readonly problem?: never }
  | { readonly data?: never; readonly problem: Problem };

/** Of the service, whatever prefix a proxy has put before it. */
const SERVICE = new URL('..', new URL('.', location.href)).href.replace(/\/$/, '');

export const addressOf = (path: string): string => `${SERVICE}${path}`;

export const api = createMonitorClient({
  baseUrl: SERVICE,
  fetch: (request) => fetch(authorised(request)),
});

const UNREACHABLE: Problem = {
  code: 'unreachable',
  title: 'The service does not answer',
  detail: 'It may be restarting, or the network is down. Nothing that you did here is lost.',
  fields: [],
  requestId: null,
};

const textAt = (body: unknown, name: string): string | undefined => {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
};

const fieldsOf = (body: unknown): readonly string[] => {
  const errors = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : [];
  return Array.isArray(errors)
    ? errors.map((e) => `${textAt(e, 'path') ?? ''} ${textAt(e, 'message') ?? ''}`.trim())
    : [];
};

export const problemOf = (body: unknown, response: Response): Problem => ({
  code: textAt(body, 'code') ?? `http_${response.status}`,
  title: textAt(body, 'title') ?? 'The service could not answer',
  detail: textAt(body, 'detail') ?? `It answered with status ${response.status}.`,
  fields: fieldsOf(body),
  requestId: response.headers.get('x-request-id'),
});

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** Never rejects, but for what was aborted. */
export const settle = async <T>(answer: Answer<T>): Promise<Result<T>> => {
  try {
    const { data, error, response } = await answer;
    if (response.status === 401) session.end('expired');
    return data === undefined || !response.ok ? { problem: problemOf(error, response) } : { data };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    return { problem: UNREACHABLE };
  }
};

export interface Asked<T> {
  /** The last answer, also while the next one is awaited. */
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  readonly waiting: boolean;
  readonly again: () => void;
}

/** Asks once for every `key`; undefined asks nothing. An answer that comes after the next question is dropped. */
export const useAsked = <T>(key: string | undefined, ask: (signal: AbortSignal) => Answer<T>): Asked<T> => {
  const [state, setState] = useState<{ key: string | undefined; data?: T | undefined; problem?: Problem | undefined }>({
    key: undefined,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    settle(latest.current(abort.signal)).then(
      (result) => {
        if (!abort.signal.aborted) setState({ key: `${key} ${round}`, data: result.data, problem: result.problem });
      },
      () => undefined,
    );
    return () => abort.abort();
  }, [key, round]);
  const waiting = key !== undefined && state.key !== `${key} ${round}`;
  return {
    data: state.data,
    problem: waiting ? undefined : state.problem,
    waiting,
    again: () => setRound((n) => n + 1),
  };
};
