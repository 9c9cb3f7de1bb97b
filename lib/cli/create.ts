import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigCache } from '../assembly/config-cache.ts';
import { type Joined, join } from '../assembly/join.ts';
import { isArchweaveError } from '../errors.ts';
import { formatReference, type Reference } from '../image/reference.ts';
import type { Registry } from '../registry/interfaces.ts';
import type { Answer, Invocation } from './command.ts';
import { createDocument } from './create-document.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { formatSize } from './format-size.ts';
import { type JoinRequest, readJoinRequest } from './join-request.ts';
import { openRegistry } from './open-registry.ts';
import { durationFlag } from './parse-arguments.ts';
import { heldLines, joinedLines, waitingLines } from './tell-join.ts';

/** Milliseconds between two looks while members are waited for. */
const LOOK_EVERY = 1_000;

/** `create`: joins the named images into one index. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { flags, terminal, now } = invocation;
  const request = await readJoinRequest(invocation);
  const wait = durationFlag(flags, 'wait');
  if (flags.has('amend')) terminal.note('note: --amend does nothing here; joining twice is the same as once');
  const started = now();
  const requests = { count: 0 };
  const registry = await openMembers(request, invocation, requests);
  try {
    const joined = await joinOrWait(registry, request, invocation, wait);
    tell(joined, request, invocation, { ms: now() - started, requests: requests.count });
    const text = joined.kind === 'joined' ? `${answerOf(request.target, joined.digest)}\n` : '';
    return { exit: exitOf(joined), text, document: createDocument(request, joined) };
  } catch (error) {
    return await refused(error, request, invocation);
  }
}

type JoinRegistry = Parameters<typeof join>[0]['registry'];

async function openMembers(
  { target, members, settings }: JoinRequest,
  invocation: Invocation,
  requests: { count: number },
): Promise<JoinRegistry> {
  const opened = new Map<string, Registry>();
  const open = (reference: Reference): Registry => {
    const known = opened.get(reference.host);
    if (known !== undefined) return known;
    const registry = openRegistry(reference, invocation, settings, () => {
      requests.count += 1;
    });
    opened.set(reference.host, registry);
    return registry;
  };
  const registry = open(target);
  const elsewhere = members.filter(member => member.elsewhere);
  if (elsewhere.length === 0) return registry;
  const { BorrowingRegistry } = await import('./borrowing-registry.ts');
  const loans = elsewhere.map(({ alias, reference }) => {
    const { host, repository, tag, digest } = reference;
    return { alias, from: { registry: open(reference), host, repository }, reference: digest ?? tag! };
  });
  const { host, repository } = target;
  return new BorrowingRegistry({ registry, host, repository }, loans, ({ alias, from }, bytes) => {
    const size = bytes === 0 ? 'nothing had to be sent' : formatSize(bytes);
    invocation.terminal.note(`copied ${alias} from ${from.host}/${from.repository}, ${size}`);
  });
}

/** Joins as soon as all members are there, at most `wait` milliseconds from now. */
async function joinOrWait(
  registry: JoinRegistry,
  request: JoinRequest,
  { terminal, now, signal }: Invocation,
  wait: number | undefined,
): Promise<Joined> {
  const world = { registry, configs: new ConfigCache(), signal };
  const until = now() + (wait ?? 0);
  let told = '';
  for (;;) {
    const joined = await join(world, request.join);
    const left = until - now();
    if (joined.kind !== 'waiting' || left <= 0) return joined;
    const [headline = ''] = waitingLines(joined, request);
    if (headline !== told) terminal.note(headline);
    told = headline;
    await sleep(Math.min(LOOK_EVERY, left), undefined, { signal });
  }
}

function tell(
  joined: Joined,
  request: JoinRequest,
  { terminal, flags }: Invocation,
  cost: { readonly ms: number; readonly requests: number },
): void {
  if (joined.kind === 'joined') {
    for (const line of joinedLines(joined, request, cost)) terminal.note(line);
    return;
  }
  const lines =
    joined.kind === 'held' ? heldLines(joined, request) : waitingLines(joined, request, !flags.has('wait'));
  for (const line of lines) terminal.say(line);
}

function exitOf({ kind }: Joined) {
  return kind === 'joined' ? EXIT.ok : kind === 'held' ? EXIT.held : EXIT.waiting;
}

function answerOf({ host, repository }: Reference, digest: string): string {
  return `${formatReference({ host, repository })}@${digest}`;
}

/** What the registry said no to was not written; of a write that got no answer nobody knows. */
async function refused(error: unknown, { target }: JoinRequest, { terminal }: Invocation): Promise<Answer> {
  const definite = isArchweaveError(error) && error.status !== undefined && error.status < 500;
  if (!definite || error.where?.startsWith('PUT ') !== true) throw error;
  const { errorDocument, renderError } = await import('./print-error.ts');
  terminal.say(renderError(error).trimEnd());
  terminal.say(`  ${formatReference(target)} was not touched.`);
  return { exit: exitCodeOf(error), document: { error: errorDocument(error) } };
}
