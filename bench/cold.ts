/**
 * What the cold start of `assemble` adds to that of an empty function, without and with registries in Azure, under
 * Lambda's own runtime client, in one run:
 * `npm run bench:cold [-- --runs N]`. bench/README.md says what is measured.
 */
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { bundleFunctions } from '../functions/bundle/bundle-functions.ts';
import { bundleConfig } from '../lib/rules/bundled-config.ts';
import { startAwsStub } from '../test/support/aws-stub.ts';
import { sampleImage } from '../test/support/e2e-images.ts';
import { startEcrFake } from '../test/support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../test/support/ecr-fake-push.ts';
import { lifeEnvironment, wakeUpOf } from '../test/support/index-life.ts';
import { ruleOf } from '../test/support/rule.ts';
import { lambdaRuntimeClient } from './support/lambda-ric.ts';
import { startUnderRuntime } from './support/lambda-runtime.ts';
import { median } from './support/median.ts';
import { printTable } from './support/print-table.ts';
import { timedCalls } from './support/timed-calls.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);
const LIMITS = { more: 80, kilobytes: 500, own: 3, azure: { more: 150, kilobytes: 900 } };

const load = loadavg()[0]!;
/** Then the clock mostly tells of others. */
const busy = load > availableParallelism() / 2;
if (busy) console.log(`This machine is busy (load ${load.toFixed(1)}): CPU time is judged, not the clock.`);

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const rules = [ruleOf(HOST, { name: 'apps' })];
const CONTOSO = {
  name: 'contoso',
  host: 'contoso.azurecr.io',
  tenant: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
};
const ric = await lambdaRuntimeClient();
const folder = await mkdtemp(join(tmpdir(), 'archweave-cold-'));
const fake = await startEcrFake({ account: '123456789012', region: 'us-east-1' });
const stub = await startAwsStub();
try {
  await bundleFunctions(folder);
  await bundleFunctions(join(folder, 'timed'), [timedCalls]);
  await bundleEmpty(folder);
  await copyFile(join(import.meta.dirname, 'support', 'waiting-handler.mjs'), join(folder, 'waiting.mjs'));
  const config = join(folder, 'config.json');
  await writeFile(config, bundleConfig({ registries: [{ name: 'prod', host: HOST }, CONTOSO], rules }));
  const environment = { ...lifeEnvironment(fake, stub), ARCHWEAVE_CONFIG: config };

  const inits = { empty: [] as Start[], assemble: [] as Start[], 'assemble-azure': [] as Start[] };
  for (let run = 0; run <= runs; run += 1) {
    for (const name of ['empty', 'assemble', 'assemble-azure'] as const) {
      const running = await startUnderRuntime({ ric, folder, handler: `${name}.handler`, environment });
      // The first start of each reads files that later ones find in memory.
      if (run > 0) inits[name].push({ wall: running.init, cpu: running.initCpu ?? running.init });
      await running.stop();
    }
  }
  const own = { first: [] as RunTime[], second: [] as RunTime[] };
  for (let run = 0; run < runs; run += 1) {
    const { first, second } = await ownWork(`1.${run}`, environment);
    own.first.push(first);
    own.second.push(second);
  }
  const kilobytes = async (name: string) => (await stat(join(folder, `${name}.mjs`))).size / 1000;
  report(inits, own, { plain: await kilobytes('assemble'), azure: await kilobytes('assemble-azure') });
} finally {
  await stub.stop();
  await fake.stop();
  await rm(folder, { recursive: true });
}

async function bundleEmpty(outdir: string): Promise<void> {
  await build({
    stdin: {
      contents: "import middy from '@middy/core'; export const handler = middy(async () => ({}));",
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outfile: join(outdir, 'empty.mjs'),
    logLevel: 'warning',
  });
}

/** CPU time in milliseconds: without calls to others, and with the SDK's work for them. */
interface RunTime {
  readonly own: number;
  readonly all: number;
}

/** What waiting-handler.mjs answers. */
interface Timed extends RunTime {
  readonly result: object;
}

/** The times of the first two runs of a process, each of which writes an index of two members that are there. */
async function ownWork(version: string, environment: Readonly<Record<string, string>>) {
  const ecr = ecrClient(fake);
  const last = await Promise.all(['a', 'b'].map(build => pushMembers(ecr, `${version}${build}`)));
  const running = await startUnderRuntime({
    ric,
    folder,
    handler: 'waiting.handler',
    environment: { ...environment, BENCH_HANDLER: join(folder, 'timed', 'assemble.mjs') },
  });
  try {
    const times: RunTime[] = [];
    for (const { tag, digest, target } of last) {
      const { result } = await running.invoke(wakeUpOf(tag, digest, rules));
      const { own, all, result: answer } = result as Timed;
      if (JSON.stringify(answer) !== '{"batchItemFailures":[]}') throw new Error(JSON.stringify(answer));
      if (fake.storage.manifests.resolve('team/app', target) === undefined)
        throw new Error('no index was made');
      times.push({ own, all });
    }
    return { first: times[0]!, second: times[1]! };
  } finally {
    ecr.destroy();
    await running.stop();
  }
}

/** Pushes both members of an index; answers the last one. */
async function pushMembers(ecr: ReturnType<typeof ecrClient>, target: string) {
  let last = { tag: '', digest: '', target };
  for (const architecture of ['amd64', 'arm64']) {
    const tag = `${target}-${architecture}`;
    const image = sampleImage({ os: 'linux', architecture }, { text: target, build: target });
    await pushToEcr(ecr, 'team/app', tag, image);
    last = { tag, digest: image.digest, target };
  }
  return last;
}

/** Milliseconds until a function asks for work: on the clock, and of its main thread's computing. */
interface Start {
  readonly wall: number;
  readonly cpu: number;
}

function report(
  inits: Readonly<Record<'empty' | 'assemble' | 'assemble-azure', readonly Start[]>>,
  { first, second }: { readonly first: readonly RunTime[]; readonly second: readonly RunTime[] },
  kilobytes: { readonly plain: number; readonly azure: number },
): void {
  const of = <T>(all: readonly T[], key: keyof T) => median(all.map(one => Number(one[key])));
  const row = (what: string, starts: readonly Start[]) => [
    what,
    `${of(starts, 'wall').toFixed(0)} ms`,
    `${of(starts, 'cpu').toFixed(0)} ms`,
    (of(starts, 'wall') / of(inits.empty, 'wall')).toFixed(2),
  ];
  console.log(`\nThe cold start of a function until it asks for work, median of ${runs}`);
  printTable([
    ['', 'time', 'CPU time', 'times the empty one'],
    row('an empty middy handler', inits.empty),
    row('assemble', inits.assemble),
    row('assemble with registries in Azure', inits['assemble-azure']),
  ]);
  console.log();
  const clock = busy ? 'cpu' : 'wall';
  const more = (starts: readonly Start[]) => of(starts, clock) - of(inits.empty, clock);
  const inCpu = busy ? ', in CPU time' : '';
  const least = Math.min(...second.map(({ own }) => own));
  const figures = [
    [`more than the empty one${inCpu}`, more(inits.assemble), LIMITS.more, 'ms'],
    [`the same with Azure${inCpu}`, more(inits['assemble-azure']), LIMITS.azure.more, 'ms'],
    ['the bundle', kilobytes.plain, LIMITS.kilobytes, 'KB'],
    ['the bundle with Azure', kilobytes.azure, LIMITS.azure.kilobytes, 'KB'],
    ['own work of the second run, which writes another index', of(second, 'own'), LIMITS.own, 'ms'],
  ] as const;
  for (const [what, value, limit, unit] of figures) {
    console.log(`${what}: ${value.toFixed(1)} ${unit} (at most ${limit})`);
    if (value > limit) process.exitCode = 1;
  }
  console.log(`the least of these runs: ${least.toFixed(1)} ms`);
  console.log(`own work of the first run, cold: ${of(first, 'own').toFixed(1)} ms`);
  console.log(
    `CPU time with the SDK's work for its calls: ${of(first, 'all').toFixed(0)} ms, then ${of(second, 'all').toFixed(0)} ms`,
  );
}
