/**
 * How archweave copies an image between two registries, next to the programs that people use for it, in one run:
 * `npm run bench:import [-- --runs N]`. bench/README.md says what the columns mean; exits 1 where a bound is broken.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startDockerRegistry } from '../test/support/docker-registry.ts';
import { temporaryFolder } from '../test/support/e2e-run.ts';
import { ecrFakeEnv, startEcrFake } from '../test/support/ecr-fake.ts';
import { archweaveCopier, type Copier, otherCopiers } from './support/copiers.ts';
import { benchCuts } from './support/cut-bench.ts';
import { type Copied, ImportBench, runMeasured } from './support/import-bench.ts';
import { largeImage, largeIndex, pushContent } from './support/large-image.ts';
import { printTable } from './support/print-table.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);
const LAYER = 24_000_000;
const GIGABYTE = 1_000_000_000;
const MB = 1024 * 1024;
let broken = 0;

const load = loadavg()[0]!;
if (load > availableParallelism() / 2) {
  console.log(`This machine is busy (load ${load.toFixed(1)}): what computes looks worse than what waits.`);
}

const folder = temporaryFolder('bench');
const source = await startDockerRegistry();
try {
  const eight = Array.from({ length: 8 }, () => LAYER);
  const [amd64, arm64] = [largeImage('amd64', eight), largeImage('arm64', eight)];
  await pushContent(source.host, 'bench', 'all', largeIndex({ amd64, arm64 }));
  const changed = largeImage('arm64', [LAYER], arm64);
  await pushContent(source.host, 'bench', 'changed', largeIndex({ amd64, arm64: changed }));
  await pushContent(source.host, 'bench', 'tiny', largeImage('amd64', [1000]));
  await pushContent(source.host, 'bench', 'huge', largeImage('amd64', [GIGABYTE]));

  const own = archweaveCopier(folder.path);
  const copiers = [own, ...otherCopiers(folder.path)];
  for (const [delay, most] of [
    [undefined, 1],
    [40, 0.7],
  ] as const) {
    const where = delay === undefined ? 'without any delay' : `${delay} ms a request`;
    console.log(`\n2 platforms of 8 layers of 24 MB, ${where}, median of ${runs} runs`);
    const results = await new ImportBench(source.host, delay).race(copiers, 'all', runs);
    printRace(results, own.name, most);
  }

  const counting = new ImportBench(source.host, 0);
  const nothing = await counting.again(own, ['all', 'all']);
  bound('\nthe same again, requests', nothing.requests, 2);
  const one = await counting.again(own, ['all', 'changed']);
  bound('one layer changed, bytes sent for each of that layer', one.sent / LAYER, 1.01);

  const idle = await runMeasured(own, ['import', '--help']);
  const direct = new ImportBench(source.host);
  const [small, huge] = [await direct.again(own, ['all']), await direct.again(own, ['huge'])];
  console.log(
    `\npeak memory: ${mb(idle.peak)} idle, ${mb(small.peak)} for layers of 24 MB, ${mb(huge.peak)} of 1 GB`,
  );
  bound('over an idle process, MB, layers of 24 MB', (small.peak - idle.peak) / MB, 64);
  bound('over an idle process, MB, a layer of 1 GB', (huge.peak - idle.peak) / MB, 64);

  const [bare, ecr] = [await peakToEcr(own, 'tiny'), await peakToEcr(own, 'all')];
  bound('to ECR, MB over an image of 1 kB, layers of 24 MB', (ecr - bare) / MB, 64);
  console.log(`peak memory to ECR: ${mb(bare)} for an image of 1 kB, ${mb(ecr)} for layers of 24 MB`);

  for (const { name, ratio } of await benchCuts(source.host, own)) bound(name, ratio, 1.02);
} finally {
  await source.stop();
  folder.remove();
}
process.exitCode = broken > 0 ? 1 : 0;

/** The most memory of a copy to a fake of ECR, which is in this process. */
async function peakToEcr(copier: Copier, tag: string): Promise<number> {
  const fake = await startEcrFake({ createOnPush: true });
  try {
    const env = { ...copier.options.env, ...ecrFakeEnv(fake) };
    const target = `${fake.account}.dkr.ecr.${fake.region}.amazonaws.com/bench:copy`;
    const toEcr = { ...copier, options: { ...copier.options, env } };
    return (await runMeasured(toEcr, ['import', `${source.host}/bench:${tag}`, target])).peak;
  } finally {
    await fake.stop();
  }
}

function printRace(results: ReadonlyMap<string, Copied>, name: string, most: number): void {
  const mine = results.get(name)!;
  printTable([
    ['', 'time', 'archweave takes', 'processor', "the target's", 'peak memory', 'requests'],
    ...[...results].map(([who, { ms, cpu, targetCpu, peak, requests }]) => [
      who,
      `${Math.round(ms)} ms`,
      (mine.ms / ms).toFixed(2),
      `${Math.round(cpu)} ms`,
      `${Math.round(targetCpu)} ms`,
      mb(peak),
      requests || '',
    ]),
  ]);
  const others = [...results].filter(([who]) => who !== name).map(([, { ms }]) => ms);
  if (others.length > 0) bound('of the time of the fastest other', mine.ms / Math.min(...others), most);
}

function bound(name: string, value: number, most: number): void {
  if (value > most) broken += 1;
  console.log(`${name}: ${value.toFixed(2)} (at most ${most}${value > most ? ', BROKEN' : ''})`);
}

function mb(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}
