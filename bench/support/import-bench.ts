import { readFileSync } from 'node:fs';
import { startDockerRegistry } from '../../test/support/docker-registry.ts';
import { start } from '../../test/support/e2e-run.ts';
import type { Copier } from './copiers.ts';
import { type DistantLine, distantLine } from './distant-line.ts';
import { median } from './median.ts';

export interface Copied {
  readonly ms: number;
  /** Milliseconds of processor, of all its threads: what decides where processors are short. */
  readonly cpu: number;
  /** The same of the registry that was copied to. */
  readonly targetCpu: number;
  /** The most memory that the process had at once, in bytes, as the system counts it. */
  readonly peak: number;
  /** Requests to both ends, where they went over lines. */
  readonly requests: number;
  /** Bytes that went to the target, heads of requests too. */
  readonly sent: number;
}

/** Milliseconds that a process and its threads computed so far; it may have ended, if nobody asked for its end yet. */
function processorTime(pid: number | undefined): number {
  // After the name, which may have anything in it: user and system time are the 12th and 13th, in ticks of 10 ms.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Runs a program to its end; it must succeed. */
export async function runMeasured(
  copier: Copier,
  args: readonly string[],
): Promise<Pick<Copied, 'ms' | 'cpu' | 'peak'>> {
  const { child, done } = start(copier.command, args, copier.options);
  let [peak, cpu] = [0, 0];
  // The kernel keeps the highest value, so that the last look before the end is enough.
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? peak / 1024) * 1024;
      cpu = processorTime(child.pid);
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 20);
  const outcome = await done.finally(() => clearInterval(timer));
  if (outcome.rc !== 0) throw new Error(`${copier.name}: exit ${outcome.rc}\n${outcome.err}`);
  return { ms: outcome.ms, cpu, peak };
}

/** Copies over lines that hold each request back, or directly where `delay` is undefined. */
export class ImportBench {
  readonly #source: string;
  readonly #delay: number | undefined;
  readonly #open: { stop(): unknown }[] = [];

  constructor(source: string, delay?: number) {
    this.#source = source;
    this.#delay = delay;
  }

  /** To a registry that has nothing yet, for each program and round a new one: some remember where they copied to. */
  async race(copiers: readonly Copier[], tag: string, runs: number): Promise<ReadonlyMap<string, Copied>> {
    const all = new Map(copiers.map(({ name }) => [name, [] as Copied[]]));
    for (let round = 0; round < runs; round += 1) {
      for (const copier of copiers) all.get(copier.name)!.push(await this.#once(copier, [tag]));
    }
    return new Map(
      [...all].map(([name, copies]) => [
        name,
        {
          ...copies.at(-1)!,
          ms: median(copies.map(({ ms }) => ms)),
          cpu: median(copies.map(({ cpu }) => cpu)),
          targetCpu: median(copies.map(({ targetCpu }) => targetCpu)),
          peak: Math.max(...copies.map(c => c.peak)),
        },
      ]),
    );
  }

  /** What the last of several copies to one registry takes; all go to the same tag. */
  async again(copier: Copier, tags: readonly string[]): Promise<Copied> {
    return this.#once(copier, tags);
  }

  async #once(copier: Copier, tags: readonly string[]): Promise<Copied> {
    const target = await startDockerRegistry();
    this.#open.push(target);
    try {
      const [from, to] = await Promise.all([this.#through(this.#source), this.#through(target.host)]);
      let result: Copied | undefined;
      for (const tag of tags) {
        from.line?.clear();
        to.line?.clear();
        const args = copier.args(`${from.host}/bench:${tag}`, `${to.host}/bench:copy`);
        const before = processorTime(target.pid);
        const measured = await runMeasured(copier, args);
        const targetCpu = processorTime(target.pid) - before;
        const requests = (from.line?.requests() ?? 0) + (to.line?.requests() ?? 0);
        result = { ...measured, targetCpu, requests, sent: to.line?.sent() ?? 0 };
      }
      return result!;
    } finally {
      for (const open of this.#open.splice(0)) await open.stop();
    }
  }

  async #through(host: string): Promise<{ readonly host: string; readonly line?: DistantLine }> {
    if (this.#delay === undefined) return { host };
    const line = await distantLine(host, this.#delay);
    this.#open.push(line);
    return { host: line.host, line };
  }
}
