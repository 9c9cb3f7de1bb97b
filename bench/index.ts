/**
 * How archweave joins two members to an index, next to the programs that people use for it, in one run:
 * `npm run bench:index [-- --runs N]`. bench/README.md says what the columns mean.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { dockerRegistry } from '../test/support/e2e-docker-registry.ts';
import { temporaryFolder } from '../test/support/e2e-run.ts';
import { archweaveWith, contenders } from './support/contenders.ts';
import { countingProxy } from './support/counting-proxy.ts';
import { benchDecide } from './support/decide-bench.ts';
import {
  benchJoin,
  benchLauncher,
  benchUnchanged,
  type JoinResult,
  pushMembers,
} from './support/join-bench.ts';
import { printTable } from './support/print-table.ts';
import { benchServe } from './support/serve-bench.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' } } });
const runs = Number(values.runs);
const ms = (value: number): string => `${Math.round(value)} ms`;

const load = loadavg()[0]!;
if (load > availableParallelism() / 2) {
  console.log(`This machine is busy (load ${load.toFixed(1)}): what computes looks worse than what waits.`);
}

const folder = temporaryFolder('bench');
const registry = await dockerRegistry({ folder: folder.path });
const proxy = await countingProxy(registry.host);
try {
  await pushMembers(registry.host);
  const all = [archweaveWith(), ...contenders(folder.path, proxy.host)];
  for (const delay of [40, 0]) {
    console.log(`\nTwo members to an index, ${delay} ms a request, median of ${runs} runs`);
    printJoins(await benchJoin(proxy, all, { delay, runs }));
  }

  const unchanged = await benchUnchanged(proxy);
  console.log(`\nThe same again: ${unchanged.write.requests} requests, ${unchanged.writes} writes`);

  const launcher = await benchLauncher(proxy, runs);
  const more = launcher.system - launcher.own;
  console.log(`Started by the system's Node instead of Node 24: ${ms(launcher.system)}, ${ms(more)} more`);

  for (const delay of [40, 0]) {
    const { phases, ms: took } = await benchServe(folder.path, { delay, runs });
    console.log(
      `\nserve, warm, on the last push, ${delay} ms a request: ${phases.write.requests} requests in ` +
        `${phases.write.roundTrips} round trips up to the write, ${ms(took)} after the push\n` +
        `  other spellings: ${phases.spellings} requests; looking again: ${phases.after.requests} requests in ` +
        `${phases.after.roundTrips} round trips`,
    );
  }

  console.log(`\ndecide: ${Math.round(benchDecide() / 1000)},000 decisions a second on one core`);
} finally {
  await proxy.close();
  await registry.stop();
  folder.remove();
}

function printJoins(results: readonly JoinResult[]): void {
  const own = results[0]!;
  printTable([
    ['', 'time', 'archweave takes', 'requests', 'round trips', 'looking again', 'connections'],
    ...results.map(({ name, ms: took, phases, connections }) => [
      name,
      ms(took),
      (own.ms / took).toFixed(2),
      phases.write.requests + phases.spellings,
      phases.write.roundTrips,
      phases.after.requests,
      connections,
    ]),
  ]);
  const others = results.slice(1).map(result => result.ms);
  if (others.length === 0) return;
  console.log(
    `archweave takes ${(own.ms / Math.min(...others)).toFixed(2)} of the time of the fastest other`,
  );
}
