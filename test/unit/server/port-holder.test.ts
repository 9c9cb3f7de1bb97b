import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { portHolder } from '../../../lib/server/port-holder.ts';

it('names the process that listens on a port, and none for a free one', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer().listen(0, host);
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const holder = await portHolder(port);
    await new Promise(resolve => server.close(resolve));
    // Only Linux tells; elsewhere nobody is named.
    if (process.platform === 'linux') {
      expect(holder).toMatchObject({ pid: process.pid, command: 'node' });
      expect(Math.abs(Date.now() - holder!.since)).toBeLessThan(86_400_000);
    }
    expect(await portHolder(port)).toBeUndefined();
  }
});
