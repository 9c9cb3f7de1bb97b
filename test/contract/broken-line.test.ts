import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../lib/image/digest.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { cutLine } from '../support/cut-line.ts';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { describeWith } from '../support/tools.ts';
import { serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';
import { stream } from './registry-content.ts';

const SIZE = 24_000_000;

/** Where the source was opened, and how much was sent, until a blob had arrived over a line cut at a third and two. */
async function uploadOverCuts(host: string) {
  const bytes = new Uint8Array(randomBytes(SIZE));
  const digest = digestOf(bytes);
  const broken = await cutLine(host, { towards: [SIZE / 3, (SIZE * 2) / 3] });
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
