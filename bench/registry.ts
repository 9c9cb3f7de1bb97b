/**
 * Pushes of small images (a config, a layer of 1 KiB, a manifest) from eight clients into archweave's embedded
 * registry and into docker-registry, turn by turn in one run: pushes a second of each, and how much memory ours
 * has at push 2,000 and at push 10,000. `npm run bench:registry`; exits 1 where the ratio is below 1.0 or the
 * memory's over 1.1.
 *
 * A push is what a client does that knows the layer is new: POST and PUT for each blob, PUT for the manifest. Each
 * server is a process of its own, on its own new folder.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { keepHeapSmall } from '../lib/server/registry/keep-heap-small.ts';
import { registryRoutes } from '../lib/server/registry/routes.ts';
import { openStorage } from '../lib/server/storage/open-storage.ts';
import { freePort, temporaryFolder, until } from '../test/support/e2e-run.ts';
import { tool } from '../test/support/find-tool.ts';

const CLIENTS = 8;
const TURN = 500;
const COMPARED = 2_000;
const ALL = 10_000;

interface Contestant {
  readonly port: number;
  readonly process: ChildProcess;
  readonly agent: Agent;
  pushes: number;
  seconds: number;
}

if (process.argv[2] === 'serve') await serveOurs(process.argv[3]!);
else process.exitCode = await compare();

async function compare(): Promise<number> {
  const folder = temporaryFolder('bench');
  const [ours, docker] = [await startOurs(join(folder.path, 'ours')), await startDocker(folder.path)];
  try {
    while (docker.pushes < COMPARED) for (const one of [ours, docker]) await takeTurn(one, TURN);
    const [oursRate, dockerRate] = [rate(ours), rate(docker)];
    const early = await residentMegabytes(ours);
    while (ours.pushes < ALL) await takeTurn(ours, TURN);
    const late = await residentMegabytes(ours);
    const ratio = oursRate / dockerRate;
    console.log(`pushes of small images, ${CLIENTS} clients, the first ${COMPARED} of each`);
    console.log(`  archweave         ${oursRate.toFixed(0)} pushes/s`);
    console.log(`  docker-registry   ${dockerRate.toFixed(0)} pushes/s`);
    console.log(`  ratio             ${ratio.toFixed(2)}   (at least 1.0)`);
    console.log(`archweave, all ${ALL} pushes: ${rate(ours).toFixed(0)} pushes/s`);
    console.log(
      `  resident memory   ${early.toFixed(0)} MB at push ${COMPARED}, ${late.toFixed(0)} MB at ${ALL}`,
    );
    console.log(`  ratio             ${(late / early).toFixed(2)}   (at most 1.1)`);
    return ratio >= 1 && late / early <= 1.1 ? 0 : 1;
  } finally {
    for (const one of [ours, docker]) {
      one.agent.destroy();
      one.process.kill('SIGKILL');
    }
    folder.remove();
  }
}

/** `count` pushes, shared out among the clients as they come free. */
async function takeTurn(one: Contestant, count: number): Promise<void> {
  const end = one.pushes + count;
  const began = performance.now();
  const client = async (number: number): Promise<void> => {
    while (one.pushes < end) {
      const tag = `v${one.pushes++}`;
      await push(one, `bench/client${number}`, tag);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  one.seconds += (performance.now() - began) / 1000;
}

async function push(to: Contestant, repository: string, tag: string): Promise<void> {
  const config = Buffer.from(
    JSON.stringify({ os: 'linux', architecture: 'amd64', config: { Labels: { tag } } }),
  );
  const layer = randomBytes(1024);
  for (const blob of [config, layer]) {
    const upload = await ask(to, 'POST', `/v2/${repository}/blobs/uploads/`, 202);
    const place = new URL(upload.location!, `http://127.0.0.1:${to.port}`);
    place.searchParams.set('digest', digest(blob));
    await ask(to, 'PUT', `${place.pathname}${place.search}`, 201, blob, 'application/octet-stream');
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: entry('application/vnd.oci.image.config.v1+json', config),
    layers: [entry('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await ask(to, 'PUT', `/v2/${repository}/manifests/${tag}`, 201, bytes, mediaType);
}

function ask(
  { port, agent }: Contestant,
  method: string,
  path: string,
  expected: number,
  body = Buffer.alloc(0),
  type?: string,
): Promise<IncomingHttpHeaders> {
  const headers = { 'Content-Length': body.length, ...(type && { 'Content-Type': type }) };
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers }, response => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === expected) resolve(response.headers);
        else reject(new Error(`${method} ${path}: ${response.statusCode}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function startOurs(folder: string): Promise<Contestant> {
  const child = fork(import.meta.filename, ['serve', folder], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', message => resolve((message as { port: number }).port));
    child.once('exit', code => reject(new Error(`the embedded registry ended with ${code}`)));
  });
  return contestant(port, child);
}

async function serveOurs(folder: string): Promise<void> {
  keepHeapSmall();
  const app = registryRoutes(await openStorage(folder));
  const options = { fetch: app.fetch, hostname: '127.0.0.1', port: 0, serverOptions: { requestTimeout: 0 } };
  serve(options, ({ port }) => process.send!({ port }));
  process.on('message', () => process.send!({ resident: process.memoryUsage.rss() }));
  process.on('disconnect', () => process.exit());
}

function residentMegabytes({ process: child }: Contestant): Promise<number> {
  return new Promise(resolve => {
    child.once('message', message => resolve((message as { resident: number }).resident / 1e6));
    child.send({});
  });
}

/** Without an access log and with the cache that its packages configure: as fast as it is. */
async function startDocker(folder: string): Promise<Contestant> {
  const port = await freePort();
  const file = join(folder, 'docker-registry.yml');
  const lines = [
    'version: 0.1',
    'log: { level: error, accesslog: { disabled: true } }',
    'storage:',
    '  cache: { blobdescriptor: inmemory }',
    `  filesystem: { rootdirectory: ${JSON.stringify(join(folder, 'docker'))} }`,
    `http: { addr: "127.0.0.1:${port}", relativeurls: true }`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  const child = spawn(tool('docker-registry'), ['serve', file], { stdio: 'ignore', env });
  const answers = await until(() =>
    fetch(`http://127.0.0.1:${port}/v2/`)
      .then(response => response.ok || undefined)
      .catch(() => undefined),
  );
  if (!answers) {
    child.kill('SIGKILL');
    throw new Error('docker-registry does not answer');
  }
  return contestant(port, child);
}

function contestant(port: number, child: ChildProcess): Contestant {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  return { port, process: child, agent, pushes: 0, seconds: 0 };
}

function rate({ pushes, seconds }: Contestant): number {
  return pushes / seconds;
}

function entry(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: digest(bytes), size: bytes.length };
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
