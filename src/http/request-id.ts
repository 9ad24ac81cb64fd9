import type { IncomingMessage } from 'node:http';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Short and plain: the id is logged and sent back, so it must not carry text, line breaks or terminal control codes. */
const SANE = /^[\w.:/+=@-]{1,128}$/;

/** The caller's request id where it is sane, else a new one. */
export const requestIdOf =
  (newRequestId: () => string) =>
  (request: IncomingMessage): string => {
    const given = request.headers[REQUEST_ID_HEADER];
    return typeof given === 'string' && SANE.test(given) ? given : newRequestId();
  };
