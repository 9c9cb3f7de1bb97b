import { cutLine } from '../../test/support/cut-line.ts';
import { startDockerRegistry } from '../../test/support/docker-registry.ts';
import { serveEmbedded } from '../../test/unit/server/registry/embedded-fixture.ts';
import type { Copier } from './copiers.ts';
import { runMeasured } from './import-bench.ts';

const GIGABYTE = 1_000_000_000;
const CUTS = [0.3 * GIGABYTE, 0.7 * GIGABYTE];

/**
 * What moves of an image with a layer of 1 GB (`bench:huge`) over a line that is reset at 30 % and at 70 % of it, for
 * each byte of the layer: on the source's side, and on the target's. There the target is the embedded registry:
 * docker-registry forgets an upload in which a request broke, whoever sends it.
 */
export async function benchCuts(
  source: string,
  copier: Copier,
): Promise<readonly { readonly name: string; readonly ratio: number }[]> {
  const [docker, embedded] = [await startDockerRegistry(), await serveEmbedded()];
  const [from, to] = [await cutLine(source, { back: CUTS }), await cutLine(embedded.host, { towards: CUTS })];
  try {
    await runMeasured(copier, copier.args(`${from.host}/bench:huge`, `${docker.host}/bench:copy`));
    await runMeasured(copier, copier.args(`${source}/bench:huge`, `${to.host}/bench:copy`));
    return [
      { name: '1 GB over a source reset twice, bytes read for each', ratio: from.received() / GIGABYTE },
      { name: '1 GB to a target reset twice, bytes sent for each', ratio: to.sent() / GIGABYTE },
    ];
  } finally {
    for (const line of [from, to]) line.stop();
    await docker.stop();
    await embedded.stop();
  }
}
