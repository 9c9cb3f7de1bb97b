import { pushContent, sampleImage } from '../../test/support/e2e-images.ts';
import { archweaveWith, type Contender, SYSTEM_PATH } from './contenders.ts';
import type { CountingProxy } from './counting-proxy.ts';
import { median } from './median.ts';
import { type Phases, phasesOf } from './phases.ts';

export interface JoinResult {
  readonly name: string;
  /** Median over the runs, the whole command with its start. */
  readonly ms: number;
  readonly phases: Phases;
  readonly connections: number;
}

const MEMBERS = ['1.0-amd64', '1.0-arm64'];

export async function pushMembers(registry: string): Promise<void> {
  for (const tag of MEMBERS) {
    const image = sampleImage({ os: 'linux', architecture: tag.slice(4) });
    await pushContent(registry, 'bench', tag, image);
  }
}

let targets = 0;

/** Lets each contender join the same two members `runs` times, in turns, so that a slow moment hits all. */
export async function benchJoin(
  proxy: CountingProxy,
  contenders: readonly Contender[],
  { delay, runs }: { readonly delay: number; readonly runs: number },
): Promise<readonly JoinResult[]> {
  proxy.setDelay(delay);
  const times = contenders.map((): number[] => []);
  const last: (Pick<JoinResult, 'phases' | 'connections'> | undefined)[] = [];
  // The first round fills caches (the compile cache too) and is not counted.
  for (let round = 0; round <= runs; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      targets += 1;
      const target = `joined-${targets}`;
      proxy.clear();
      const ms = await joinOnce(proxy, contender, target);
      if (round > 0) times[index]!.push(ms);
      last[index] = { phases: phasesOf(proxy.seen(), target), connections: proxy.connections() };
    }
  }
  return contenders.map(({ name }, index) => ({ name, ms: median(times[index]!), ...last[index]! }));
}

/** What `create` asks and writes where the target already is what it would be. */
export async function benchUnchanged(proxy: CountingProxy): Promise<Phases> {
  targets += 1;
  const target = `joined-${targets}`;
  await joinOnce(proxy, archweaveWith(), target);
  proxy.clear();
  await joinOnce(proxy, archweaveWith(), target);
  return phasesOf(proxy.seen(), target);
}

/** What it costs to be started by the system's Node, in milliseconds a start, if that one is older than 24. */
export async function benchLauncher(
  proxy: CountingProxy,
  runs: number,
): Promise<{ own: number; system: number }> {
  proxy.setDelay(0);
  const [own, system] = await benchJoin(proxy, [archweaveWith(), archweaveWith(SYSTEM_PATH)], {
    delay: 0,
    runs,
  });
  return { own: own!.ms, system: system!.ms };
}

async function joinOnce(proxy: CountingProxy, contender: Contender, target: string): Promise<number> {
  const [to, ...members] = [target, ...MEMBERS].map(tag => `${proxy.host}/bench:${tag}`);
  const outcome = await contender.join(to!, members);
  if (outcome.rc !== 0) throw new Error(`${contender.name}: exit ${outcome.rc}\n${outcome.err}`);
  return outcome.ms;
}
