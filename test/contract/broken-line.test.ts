import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../lib/image/digest.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { describeWith } from '../support/tools.ts';
import { serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';
import { stream } from './registry-content.ts';

const SIZE = 24_000_000;

/** A port that leads to the registry, and is cut once for each of `cuts` after so many bytes towards it. */
async function line(registry: string, cuts: number[]) {
  const [host, port] = registry.split(':');
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    upstream.pipe(client);
    upstream.on('drain', () => client.resume());
    client.on('data', data => {
      sent += data.length;
      if (cuts[0] !== undefined && sent >= cuts[0]) {
        cuts.shift();
        upstream.end(data);
        client.resetAndDestroy();
      } else if (!upstream.write(data)) client.pause();
    });
    client.on('close', () => upstream.end());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    sent: () => sent,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Where the source was opened, and how much was sent, until a blob had arrived over a line cut at a third and two. */
async function uploadOverCuts(host: string) {
  const bytes = new Uint8Array(randomBytes(SIZE));
  const digest = digestOf(bytes);
  const broken = await line(host, [SIZE / 3, (SIZE * 2) / 3]);
  const registry = openOciRegistry({ host: broken.host, env: {} });
  const opened: number[] = [];
  try {
    await registry.writeBlob('app', { digest, size: SIZE }, offset => {
      opened.push(offset);
      return stream(bytes, offset);
    });
    expect(await registry.statBlob('app', digest)).toBe(SIZE);
    return { opened, sent: broken.sent() };
  } finally {
    broken.stop();
  }
}

describe('an upload over a line that breaks', () => {
  it('goes on from what the embedded registry has', async () => {
    const { host, stop } = await serveEmbedded();
    try {
      const { opened, sent } = await uploadOverCuts(host);
      expect(opened).toEqual(opened.toSorted((a, b) => a - b));
      expect(opened[1]).toBeGreaterThan(0);
      // From the start again it would be 1.67 times the size; what the line had swallowed is lost each time.
      expect(sent).toBeLessThan(SIZE * 1.5);
    } finally {
      await stop();
    }
  });
});

describeWith(['docker-registry'], 'an upload to docker-registry over a line that breaks', () => {
  it('arrives whole, from the start again, since it forgets an upload in which a request broke', async () => {
    const { host, stop } = await startDockerRegistry();
    try {
      expect((await uploadOverCuts(host)).opened).toEqual([0, 0, 0]);
    } finally {
      await stop();
    }
  });
});
