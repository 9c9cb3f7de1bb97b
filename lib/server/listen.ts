import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ArchweaveError } from '../errors.ts';
import { isLoopback } from '../image/reference.ts';
import { portHolder } from './port-holder.ts';

export interface ListenAddress {
  /** A name or address of this machine; `0.0.0.0` and `::` are all of them. */
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
}

export interface Listening {
  /** HOST:PORT as clients on this machine write it. */
  readonly host: string;
  readonly port: number;
  /** Lets requests finish for so many milliseconds, then ends them. */
  close(grace: number): Promise<void>;
}

export type Fetch = (request: Request, environment: object) => Response | Promise<Response>;

/**
 * Listens, or throws `port-in-use` that names who has the port, `forbidden` or `bad-argument`.
 *
 * Requests have no time limit, since a layer on a slow line takes long; headers have Node's.
 */
export async function listen(address: ListenAddress, fetch: Fetch): Promise<Listening> {
  const server = createAdaptorServer({ fetch, serverOptions: { requestTimeout: 0 } }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host.replace(/^\[(.*)\]$/, '$1'), resolve);
  }).catch(async (error: unknown) => {
    throw await explained(error, address);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: `${nameOf(address.host)}:${port}`,
    port,
    async close(grace) {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), grace);
      await closed;
      clearTimeout(patience);
    },
  };
}

/** Whether nobody but this machine reaches it. */
export function isPrivate({ host }: ListenAddress): boolean {
  return isLoopback(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
}

export function addressText({ host, port }: ListenAddress): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

function nameOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::' || host === '[::]') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host.toLowerCase();
}

async function explained(error: unknown, address: ListenAddress): Promise<unknown> {
  const attempt = `listen on ${addressText(address)}`;
  switch ((error as { code?: string }).code) {
    case 'EADDRINUSE':
      return portInUse(attempt, address, error);
    case 'EACCES':
      return new ArchweaveError({
        code: 'forbidden',
        attempt,
        reason: 'this user may not listen on that port',
        next: 'choose a port above 1023: --listen 127.0.0.1:5100',
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ArchweaveError({
        code: 'bad-argument',
        attempt,
        reason: `${address.host} is no address of this machine`,
        cause: error,
      });
    default:
      return error;
  }
}

async function portInUse(attempt: string, address: ListenAddress, cause: unknown): Promise<ArchweaveError> {
  const [holder, answers] = await Promise.all([portHolder(address.port), whatAnswers(address)]);
  const who = holder && `${holder.command} (pid ${holder.pid}) since ${clock(holder.since)}`;
  const where = [who, answers && `answers as ${answers}`].filter(part => part !== undefined).join(' ');
  const other = addressText({ ...address, port: address.port + 1 });
  const open = answers === undefined ? '' : `open http://${addressText(address)}/ or `;
  return new ArchweaveError({
    code: 'port-in-use',
    attempt,
    ...(where !== '' && { where }),
    next: `${open}choose another port: archweave serve --listen ${other}`,
    cause,
  });
}

/** `archweave 1.0.0`, where it says so. */
async function whatAnswers({ host, port }: ListenAddress): Promise<string | undefined> {
  try {
    const url = `http://${nameOf(host)}:${port}/healthz`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000), redirect: 'manual' });
    await answer.body?.cancel();
    const server = /^archweave\/(\d[\w.+-]{0,40})$/.exec(answer.headers.get('server') ?? '')?.[1];
    return server && `archweave ${server}`;
  } catch {
    return undefined;
  }
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 16)}Z`;
}
