/** An answer longer than was agreed to be read. */
export class OversizedBody extends Error {
  constructor() {
    super('The body is larger than is read of an answer.');
    this.name = 'OversizedBody';
  }
}

/**
 * `fetch` that stops reading a body at `limit` bytes: an endpoint that never stops sending cannot fill our memory. A
 * redirect is an error: it would carry the trace to an address that nobody configured.
 */
export const createBoundedFetch =
  (limit: number): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'error' });
    if (response.body === null) return response;
    let seen = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          seen += chunk.byteLength;
          if (seen > limit) controller.error(new OversizedBody());
          else controller.enqueue(chunk);
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(counted, { status, statusText, headers });
  };
