import { connect, createServer, type Socket } from 'node:net';

export interface CutLine {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Bytes that came from clients, requests' heads too, and bytes that went to them. */
  sent(): number;
  received(): number;
  stop(): void;
}

export interface Cuts {
  /** The connection that carries the byte with each of these numbers, counted over all from clients, is reset. */
  readonly towards?: readonly number[];
  /** The same for bytes to clients. */
  readonly back?: readonly number[];
}

/** A port that leads to a server and counts, and is cut once at each of the given places. */
export async function cutLine(server: string, cuts: Cuts = {}): Promise<CutLine> {
  const [host, port] = server.split(':');
  const [towards, back] = [[...(cuts.towards ?? [])], [...(cuts.back ?? [])]];
  let [sent, received] = [0, 0];
  const sockets = new Set<Socket>();
  const isDue = (places: number[], count: number): boolean => {
    if (places[0] === undefined || count < places[0]) return false;
    places.shift();
    return true;
  };
  const listener = createServer(client => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)));
    }
    client.on('data', data => {
      sent += data.length;
      if (isDue(towards, sent)) {
        upstream.end(data);
        client.resetAndDestroy();
      } else if (!upstream.write(data)) client.pause();
    });
    upstream.on('drain', () => client.resume());
    upstream.on('data', data => {
      received += data.length;
      if (isDue(back, received)) client.resetAndDestroy();
      else if (!client.write(data)) upstream.pause();
    });
    client.on('drain', () => upstream.resume());
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.end());
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(listener.address() as { port: number }).port}`,
    sent: () => sent,
    received: () => received,
    stop() {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}
