import { connect, createServer, type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

export interface DistantLine {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Requests and their bytes, heads and all, since `clear`. */
  requests(): number;
  sent(): number;
  clear(): void;
  stop(): void;
}

const READ = 512 * 1024;

/**
 * A port that leads to a registry on plain http as if it were far away: the first bytes of each request wait for
 * `delay` milliseconds. It knows a request by the answer before it and looks at no byte, and reads into one buffer
 * for each side, so that it costs little: a proxy that speaks HTTP would be what limits a copy. Connecting costs
 * nothing here, so programs that connect often look better than they would over a real distance.
 */
export async function distantLine(registry: string, delay: number): Promise<DistantLine> {
  const [host, port] = registry.split(':');
  let [requests, sent] = [0, 0];
  const sockets = new Set<Socket>();
  const listener = createServer({ pauseOnConnect: true, noDelay: true }, accepted => {
    let isAnswered = true;
    const upstream = connect({
      host,
      port: Number(port),
      noDelay: true,
      onread: reading(bytes => {
        isAnswered = true;
        client.write(bytes, () => upstream.resume());
      }),
    });
    const client = reread(
      accepted,
      reading(bytes => {
        sent += bytes.length;
        const forward = () => upstream.write(bytes, () => client.resume());
        const isRequest = isAnswered;
        isAnswered = false;
        if (isRequest) requests += 1;
        if (isRequest && delay > 0) setTimeout(forward, delay);
        else forward();
      }),
    );
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
    client.resume();
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(listener.address() as { port: number }).port}`,
    requests: () => requests,
    sent: () => sent,
    clear() {
      requests = 0;
      sent = 0;
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

/** One buffer again and again: nothing is read before what is in it was handed on. */
function reading(handOn: (bytes: Uint8Array) => void): OnReadOpts {
  const callback = (length: number, buffer: Uint8Array): false => {
    handOn(buffer.subarray(0, length));
    return false;
  };
  return { buffer: Buffer.allocUnsafeSlow(READ), callback };
}

/** A server does not let one choose how its connections are read, so the connection gets another socket. */
function reread(accepted: Socket, onread: OnReadOpts): Socket {
  const { _handle: handle } = accepted as unknown as { readonly _handle: unknown };
  return new Socket({ handle, onread } as SocketConstructorOpts);
}
