import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { AcrWorld } from './acr-fake-world.ts';

/** Hosts of Azure that the fake stands in for; its certificate has these names. */
export const AZURE_HOSTS = [
  '*.azurecr.io',
  '*.azurecr.us',
  '*.azurecr.cn',
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'management.azure.com',
  'management.usgovcloudapi.net',
  'management.chinacloudapi.cn',
];

const AZURE =
  /^(?:[a-z0-9-]+\.azurecr\.(?:io|us|cn)|login\.microsoftonline\.(?:com|us)|login\.chinacloudapi\.cn|management\.(?:azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)):443$/;

/**
 * A proxy that leads Azure's own names to the fake and nothing anywhere, so that other processes run as they do in
 * earnest: by the real names, and with TLS.
 */
export async function startAcrProxy(world: AcrWorld, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => void response.writeHead(403).end());
  server.on('connect', (request, client: Socket, head: Buffer) => {
    sockets.add(client);
    client.on('error', () => {}).on('close', () => sockets.delete(client));
    if (!AZURE.test(request.url ?? '')) {
      world.strangers.push(request.url ?? '');
      return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    }
    const fake = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      fake.write(head);
      client.pipe(fake).pipe(client);
    });
    sockets.add(fake);
    fake.on('error', () => client.destroy()).on('close', () => sockets.delete(fake));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
