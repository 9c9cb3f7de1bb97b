import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigCache } from '../assembly/config-cache.ts';
import { type Joined, join } from '../assembly/join.ts';
import { isArchweaveError } from '../errors.ts';
import { formatReference, type Reference } from '../image/reference.ts';
import type { AssemblyRegistry, Reading } from '../registry/interfaces.ts';
import type { Answer, Invocation } from './command.ts';
import { createDocument } from './create-document.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import type { JoinRequest } from './join-request.ts';
import { heldLines, joinedLines, untouchedLine, waitingLines } from './tell-join.ts';

/** Milliseconds between two looks while members are waited for. */
const LOOK_EVERY = 1_000;

export interface JoinWork {
  readonly request: JoinRequest;
  readonly registry: AssemblyRegistry;
  /** The manifests of members and tags, asked for already. */
  readonly asked: Promise<ReadonlyMap<string, Reading>>;
  /** Milliseconds to wait for members that are not there. */
  readonly wait?: number;
  /** When it began, and the requests since; goes on counting. */
  readonly cost: { readonly since: number; readonly requests: number };
}

/** The second half of `create`: joins, waits where that was asked for, and tells what came of it. */
export async function joinMembers(invocation: Invocation, work: JoinWork): Promise<Answer> {
  const { request, cost } = work;
  try {
    const joined = await joinOrWait(invocation, work);
    tell(joined, request, invocation, { ms: invocation.now() - cost.since, requests: cost.requests });
    const text = joined.kind === 'joined' ? `${answerOf(request.target, joined.digest)}\n` : '';
    return { exit: exitOf(joined), text, document: createDocument(request, joined) };
  } catch (error) {
    return await refused(error, request, invocation);
  }
}

/** Joins as soon as all members are there, at most `wait` milliseconds from now. */
async function joinOrWait({ terminal, now, signal }: Invocation, work: JoinWork): Promise<Joined> {
  const { registry, request, wait } = work;
  const world = { registry, configs: new ConfigCache(), signal };
  const until = now() + (wait ?? 0);
  let told = '';
  let asked: JoinWork['asked'] | undefined = work.asked;
  for (;;) {
    const joined = await join(world, request.join, asked);
    asked = undefined;
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
async function refused(error: unknown, request: JoinRequest, { terminal }: Invocation): Promise<Answer> {
  const definite = isArchweaveError(error) && error.status !== undefined && error.status < 500;
  if (!definite || !/^(PUT|PutImage) /.test(error.where ?? '')) throw error;
  const { errorDocument, renderError } = await import('./print-error.ts');
  terminal.say(renderError(error).trimEnd());
  terminal.say(untouchedLine(request, error.reference));
  return { exit: exitCodeOf(error), document: { error: errorDocument(error) } };
}
