import { createServer } from 'node:net';

const listen = (): Promise<{ port: number; close: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => new Promise((done) => server.close(() => done())) });
    });
  });

/** Free ports, all open at once while they are drawn so that none is drawn twice. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  await Promise.all(servers.map((server) => server.close()));
  return servers.map((server) => server.port);
};

export const freePort = async (): Promise<number> => (await freePorts(1))[0]!;
