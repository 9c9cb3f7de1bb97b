import { createServer } from 'node:http';
import type { LiveCheck } from '../live-check.ts';

const [PUBLIC, PORT] = ['ARCHWEAVE_LIVE_PUBLIC_URL', 'ARCHWEAVE_LIVE_PORT'] as const;

/** Listens where a public address leads to, while a person makes the subscription. */
export const eventGridHandshake: LiveCheck = {
  name: 'event-grid-handshake',
  asks: "Does Event Grid's handshake (OPTIONS, or a validation event) carry the bearer token?",
  needs: [PUBLIC, PORT],
  async run({ env, patience }) {
    const lines: string[] = [];
    const server = createServer((request, response) => {
      const kind = /^(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'none';
      lines.push(
        `${request.method} with authorization: ${kind}; ${String(request.headers['aeg-event-type'] ?? 'CloudEvents')}`,
      );
      const origin = request.headers['webhook-request-origin'];
      response.writeHead(200, origin === undefined ? {} : { 'webhook-allowed-origin': origin }).end();
    });
    await new Promise<void>(resolve => server.listen(Number(env[PORT]), '127.0.0.1', resolve));
    console.log(
      `    now: az eventgrid event-subscription create --name handshake --endpoint ${env[PUBLIC]} ...`,
    );
    await new Promise(resolve => setTimeout(resolve, Math.max(patience, 120_000)));
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    return lines.length === 0 ? ['nobody came'] : lines;
  },
};
