import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { shortDigest } from '../image/digest.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { Registry } from '../registry/interfaces.ts';
import type { ServeEvent } from '../server/serve-event.ts';
import type { Answer, Invocation } from './command.ts';
import { type DemoPush, pushDemoImage } from './demo-image.ts';
import { EventInbox } from './event-inbox.ts';
import { EXIT } from './exit-codes.ts';
import { openRegistry } from './open-registry.ts';
import { durationFlag, mistake } from './parse-arguments.ts';
import { readImage } from './read-image.ts';

interface Step extends DemoPush {
  readonly remark: string;
  readonly becomes: 'waiting' | 'published';
}

const STEPS: readonly Step[] = [
  {
    architecture: 'amd64',
    build: '9f3c1e2',
    remark: 'as a CI job on an amd64 machine would',
    becomes: 'waiting',
  },
  { architecture: 'arm64', build: '9f3c1e2', remark: 'the other job', becomes: 'published' },
  { architecture: 'amd64', build: '41d07aa', remark: 'again, from a newer commit', becomes: 'waiting' },
  { architecture: 'arm64', build: '41d07aa', remark: 'the other half of that commit', becomes: 'published' },
];

/** How long an outcome is waited for, in milliseconds. */
const PATIENCE = 10_000;

interface Stage {
  readonly host: string;
  readonly registry: Registry;
  readonly inbox: EventInbox;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** `demo`: a registry of its own in a temporary folder, four pushes, and what becomes of them. */
export async function playDemo(invocation: Invocation): Promise<Answer> {
  const { flags, common, env, signal, terminal } = invocation;
  const watched = isatty(0) && isatty(1) && terminal.attended && !env.CI && !common.json;
  const stays = watched && !flags.has('exit');
  const pause = durationFlag(flags, 'pause') ?? (watched ? 3_000 : 0);
  const port = Number(flags.value('port') ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw mistake(`--port "${flags.value('port')}" is no port.`);
  const say = common.json ? () => {} : terminal.answer;
  const folder = await mkdtemp(join(tmpdir(), 'archweave-demo-'));
  const inbox = new EventInbox();
  try {
    say('archweave demo: a registry, four pushes, and what becomes of them   (in a temporary folder)\n');
    const { startServe } = await import('../server/serve.ts');
    const serving = await startServe({
      listen: { host: '127.0.0.1', port },
      storageDir: folder,
      embedded: true,
      open: ({ host }) => openRegistry({ host }, invocation, []),
      log: event => inbox.put(event),
    });
    try {
      const { host } = serving;
      const stage = { host, registry: openRegistry({ host }, invocation, []), inbox, signal, say };
      const asWritten = await playSteps(stage, pause);
      if (asWritten && !signal.aborted) await tellResult(stage, stays);
      if (stays && !signal.aborted) await stay(stage);
      const document = { host, steps: STEPS.length, asWritten };
      return { exit: asWritten || signal.aborted ? EXIT.ok : EXIT.failed, document };
    } finally {
      await serving.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whether each push had the outcome that the story says. Ends early when it is to stop. */
async function playSteps(stage: Stage, pause: number): Promise<boolean> {
  const { inbox, signal, say } = stage;
  for (const [at, step] of STEPS.entries()) {
    if (at > 0) await sleep(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
    const late = at === 1 && pause >= 1_000 ? `, ${Math.round(pause / 1_000)} s later` : '';
    say(`  ${at + 1}  ${row('push', `hello:1.0-${step.architecture}`)}${step.remark}${late}`);
    await pushDemoImage(stage.registry, '1.0', step, signal);
    const event = await inbox.next(isOutcome, PATIENCE, signal);
    for (const line of outcomeLines(event)) say(line);
    if (event?.kind !== step.becomes) return false;
  }
  return true;
}

type Outcome = ServeEvent & { readonly kind: 'published' | 'waiting' | 'held' };

function isOutcome(event: ServeEvent): event is Outcome {
  return event.kind === 'published' || event.kind === 'waiting' || event.kind === 'held';
}

function outcomeLines(event: Outcome | undefined): readonly string[] {
  if (event === undefined) return [`     ${row('nothing', '')}came of it within ${PATIENCE / 1_000} s`];
  const head = `     ${row(event.kind, `${event.target.repository}:${event.target.tag}`)}`;
  if (event.kind === 'published') {
    const digest = event.digest === undefined ? '' : shortDigest(event.digest);
    return [`${head}${event.platforms.join(' ')}   ${digest}  in ${Math.max(1, Math.round(event.took))} ms`];
  }
  const keeps = event.keeps === undefined ? [] : [`     ${row('', '')}the tag keeps the last whole index`];
  return [`${head}${event.reasons.join('; ')}`, ...keeps];
}

function row(word: string, name: string): string {
  return `${word.padEnd(11)}${name.padEnd(19)}`;
}

async function tellResult({ host, registry, signal, say }: Stage, stays: boolean): Promise<void> {
  const reference = { host, repository: 'hello', tag: '1.0' };
  const content = readManifestContent(await readImage(registry, reference, { signal }));
  const given = (content.kind === 'index' ? content.manifests : []).map(
    ({ platform, digest }) => `${platform?.os}/${platform?.architecture} -> ${shortDigest(digest)}`,
  );
  say(`\nWhat a client is given:   ${given.join('   ')}`);
  if (!stays) return;
  const name = `${host}/hello:1.0`;
  say(`Look for yourself:        npx archweave inspect ${name}`);
  say(`                          npx archweave explain ${name}`);
  say(`                          docker manifest inspect --insecure ${name}`);
  say('Still running. p pushes another version, Ctrl-C ends and removes everything.');
}

/** Until Ctrl-C, which a terminal in raw mode hands on as a key. */
async function stay(stage: Stage): Promise<void> {
  const { stdin } = process;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  stage.signal.addEventListener('abort', () => end(), { once: true });
  let version = 0;
  let work = Promise.resolve();
  stdin.setRawMode(true);
  stdin.on('data', keys => {
    for (const key of String(keys)) {
      if (key === '\u0003' || key === '\u0004' || key === 'q') end();
      if (key === 'p') {
        version += 1;
        const tag = `1.${version}`;
        work = work.then(() => pushVersion(stage, tag)).catch(end);
      }
    }
  });
  await ended;
  stdin.setRawMode(false);
  stdin.pause();
}

async function pushVersion(stage: Stage, tag: string): Promise<void> {
  const { inbox, signal, say, registry } = stage;
  for (const architecture of ['amd64', 'arm64'] as const) {
    say(`     ${row('push', `hello:${tag}-${architecture}`)}`.trimEnd());
    await pushDemoImage(registry, tag, { architecture, build: '41d07aa' }, signal);
    for (const line of outcomeLines(await inbox.next(isOutcome, PATIENCE, signal))) say(line);
  }
}
