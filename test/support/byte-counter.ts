import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface ByteCounter {
  /** `127.0.0.1:PORT`, where what is behind it is reached too. */
  readonly host: string;
  /** Bytes that clients have sent through it. */
  readonly sent: number;
  close(): Promise<void>;
}

/** A door before a server that counts what goes in. It hands every byte on and looks at none. */
export async function byteCounter(upstream: string): Promise<ByteCounter> {
  const [host, port] = upstream.split(':') as [string, string];
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const registry = connect(Number(port), host);
    for (const socket of [client, registry]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        registry.destroy();
      });
    }
    client.on('data', chunk => {
      sent += chunk.length;
    });
    client.pipe(registry);
    registry.pipe(client);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sent() {
      return sent;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
