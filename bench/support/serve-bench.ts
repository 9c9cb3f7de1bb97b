import { join } from 'node:path';
import { type Beside, beside } from '../../test/support/e2e-beside.ts';
import { pushContent, sampleImage } from '../../test/support/e2e-images.ts';
import { pause, until } from '../../test/support/e2e-run.ts';
import { type CountingProxy, countingProxy } from './counting-proxy.ts';
import { median } from './median.ts';
import { type Phases, phasesOf } from './phases.ts';

export interface ServeResult {
  readonly phases: Phases;
  /** Median milliseconds from the registry's answer to the last push to its answer to the index's PUT. */
  readonly ms: number;
}

/** What `serve`, warm and beside a registry, asks when the last member of a group is pushed. */
export async function benchServe(
  folder: string,
  { delay, runs }: { readonly delay: number; readonly runs: number },
): Promise<ServeResult> {
  let proxy: CountingProxy | undefined;
  const system = await beside({
    folder: join(folder, `serve-${delay}`),
    reconcile: '1h',
    through: async upstream => {
      proxy = await countingProxy(upstream);
      return proxy.host;
    },
  });
  try {
    proxy!.setDelay(delay);
    const times: number[] = [];
    let phases: Phases | undefined;
    for (let round = 0; round <= runs; round += 1) {
      const result = await lastPush(system, proxy!, `1.${round}`);
      if (round > 0) times.push(result.ms);
      phases = result.phases;
    }
    return { phases: phases!, ms: median(times) };
  } finally {
    await system.end();
    await proxy?.close();
  }
}

async function lastPush(system: Beside, proxy: CountingProxy, version: string): Promise<ServeResult> {
  const push = (architecture: string): Promise<void> => {
    const image = sampleImage({ os: 'linux', architecture }, { text: version, build: version });
    return pushContent(system.registry.host, 'bench', `${version}-${architecture}`, image);
  };
  await push('amd64');
  await quiet(proxy);
  proxy.clear();
  await push('arm64');
  const pushed = performance.now();
  const put = await until(() => proxy.seen().find(seen => seen.method === 'PUT'), { every: 2 });
  if (put === undefined) throw new Error(`no index was put\n${system.serve().log()}`);
  await quiet(proxy);
  return { phases: phasesOf(proxy.seen(), version), ms: put.ended - pushed };
}

/** Until nothing came for a while. */
async function quiet(proxy: CountingProxy): Promise<void> {
  let count = -1;
  while (proxy.seen().length !== count) {
    count = proxy.seen().length;
    await pause(400);
  }
}
