import { isArchweaveError } from '../errors.ts';
import { parseEcr } from '../events/parse-ecr.ts';
import { Fields } from '../image/fields.ts';
import { readSweepMessage } from '../messages/sweep-message.ts';
import { readWakeUpMessage } from '../messages/wake-up-message.ts';

/** Which dead letters: of the work queue, of what leads to the functions, of the sweep's tasks. */
export type LetterBox = 'work' | 'inlet' | 'sweep';

/** A message as SQS gives it out. */
export interface RawLetter {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  /** Of a FIFO queue. */
  readonly group?: string;
  /** ARN of the queue that gave it up. */
  readonly source?: string;
  /** Milliseconds since 1970. */
  readonly sent: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** How a letter is tried again. */
export type Way =
  | { readonly to: 'work' }
  | { readonly to: 'queue'; readonly arn: string }
  /** `waits` for what comes of it; else it only has to be accepted. */
  | { readonly to: 'function'; readonly name: string; readonly payload: string; readonly waits: boolean }
  | { readonly to: 'nowhere'; readonly why: string };

/** A letter, read: what it is about and why it is here. */
export interface DeadLetter {
  readonly box: LetterBox;
  readonly id: string;
  /** As people name it: `team/app:1.0-amd64`. */
  readonly about: string;
  readonly reason: { readonly code: string; readonly message: string };
  /** RFC 3339: of the event, where it is known, else of the message. */
  readonly since: string;
  /** How often it was tried, where that is known. */
  readonly tries?: number;
  readonly way: Way;
}

export interface Functions {
  readonly receive: string;
  /** Those that a clock starts. */
  readonly clocks: readonly string[];
}

const GIVEN_UP = 'the function did not come to an end: it crashed, or ran out of time or memory';

/** Reads a letter; never throws, since a poison message is what ends up here. */
export function readDeadLetter(box: LetterBox, raw: RawLetter, functions: Functions): DeadLetter {
  if (box === 'work') return workLetter(raw);
  return box === 'sweep' ? sweepLetter(raw) : inletLetter(raw, functions);
}

/** Buried by `assemble` with its reason, or given up by the queue without one. */
function workLetter(raw: RawLetter): DeadLetter {
  const { code = 'given-up', reason = GIVEN_UP, receives } = raw.attributes;
  const wakeUp = attempt(() => readWakeUpMessage(raw.body));
  const name = wakeUp && (wakeUp.kind === 'verify' ? wakeUp.target : capturesOf(wakeUp.captures));
  return {
    ...letter('work', raw),
    about: wakeUp === undefined ? UNREADABLE : `${wakeUp.repository}:${name} (rule ${wakeUp.rule})`,
    reason: { code, message: reason },
    ...(wakeUp && { since: wakeUp.cause.time }),
    ...(receives !== undefined && { tries: Number(receives) }),
    way: { to: 'work' },
  };
}

function sweepLetter(raw: RawLetter): DeadLetter {
  const task = attempt(() => readSweepMessage(raw.body));
  const { source } = raw;
  return {
    ...letter('sweep', raw),
    about: task === undefined ? UNREADABLE : `sweep of ${task.repository ?? task.registry}`,
    reason: { code: 'given-up', message: GIVEN_UP },
    ...(task && { since: task.began }),
    way:
      source === undefined
        ? { to: 'nowhere', why: 'it does not say from which queue it comes; the next sweep does its work' }
        : { to: 'queue', arn: source },
  };
}

/** What EventBridge, Scheduler or Lambda could not deliver: an event, an event with its failure, or a clock's tick. */
function inletLetter(raw: RawLetter, { receive, clocks }: Functions): DeadLetter {
  const { ERROR_CODE = 'given-up', ERROR_MESSAGE = '', RETRY_ATTEMPTS, TARGET_ARN = '' } = raw.attributes;
  const value = attempt(() => JSON.parse(raw.body) as unknown);
  const failed = attempt(() => readFailedRun(value));
  if (failed !== undefined) {
    const { name, payload, message, since, tries } = failed;
    return {
      ...letter('inlet', raw),
      about: aboutEvent(payload) ?? name,
      reason: { code: 'failed-run', message },
      since,
      tries,
      way: wayTo(name, JSON.stringify(payload), receive, clocks),
    };
  }
  const target = nameOf(TARGET_ARN);
  return {
    ...letter('inlet', raw),
    about: aboutEvent(value) ?? (target || UNREADABLE),
    reason: { code: ERROR_CODE, message: ERROR_MESSAGE || 'it was not delivered' },
    ...(RETRY_ATTEMPTS !== undefined && { tries: Number(RETRY_ATTEMPTS) + 1 }),
    way: wayTo(target || receive, raw.body, receive, clocks),
  };
}

/** The record that Lambda keeps of an asynchronous run that failed for good. */
function readFailedRun(value: unknown) {
  const record = new Fields('read this message', '', value);
  const context = record.object('requestContext');
  const response = record.optionalObject('responsePayload');
  return {
    name: nameOf(context.string('functionArn')),
    payload: record.object('requestPayload').values,
    message: response?.optionalString('errorMessage') ?? context.string('condition'),
    since: record.string('timestamp'),
    tries: context.size('approximateInvokeCount'),
  };
}

function wayTo(name: string, payload: string, receive: string, clocks: readonly string[]): Way {
  if (name === receive) return { to: 'function', name, payload, waits: true };
  if (clocks.includes(name)) return { to: 'function', name, payload, waits: false };
  return { to: 'nowhere', why: `it is for the function ${name}, which is none of this deployment's inlets` };
}

function aboutEvent(event: unknown): string | undefined {
  const push = attempt(() => parseEcr(event))?.pushes[0];
  if (push === undefined) return undefined;
  return push.tag === undefined ? `${push.repository}@${push.digest}` : `${push.repository}:${push.tag}`;
}

const UNREADABLE = 'a message that cannot be read';

function letter(box: LetterBox, { id, sent }: RawLetter) {
  return { box, id, since: new Date(sent).toISOString() };
}

/** `version=1.0`. */
function capturesOf(captures: Readonly<Record<string, string>>): string {
  return Object.entries(captures)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** The function's name in its ARN, without version or alias. */
function nameOf(arn: string): string {
  return /^arn:[\w-]+:lambda:[\w-]*:\d*:function:([^:]+)/.exec(arn)?.[1] ?? '';
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isArchweaveError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
