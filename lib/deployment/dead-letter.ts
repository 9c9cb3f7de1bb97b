import { isArchweaveError } from '../errors.ts';
import { parseEcr } from '../events/parse-ecr.ts';
import { Fields } from '../image/fields.ts';
import { readImportMessage } from '../messages/import-message.ts';
import { readSweepMessage } from '../messages/sweep-message.ts';
import { readWakeUpMessage } from '../messages/wake-up-message.ts';

/** Which dead letters: of the work queue, of what leads to the functions, of the sweep's tasks, of the imports. */
export type LetterBox = 'work' | 'inlet' | 'sweep' | 'import';

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
  /** What takes everything that imports wait for; none where nothing is imported. */
  readonly importIntake?: string;
}

const GIVEN_UP = 'the function did not come to an end: it crashed, or ran out of time or memory';
const NOT_TAKEN = 'it was not taken, however often; the log of import-intake says why';

/** Reads a letter; never throws, since a poison message is what ends up here. */
export function readDeadLetter(box: LetterBox, raw: RawLetter, functions: Functions): DeadLetter {
  switch (box) {
    case 'work':
      return workLetter(raw);
    case 'sweep':
      return sweepLetter(raw);
    case 'inlet':
      return inletLetter(box, raw, functions, functions.receive);
    case 'import':
      return inletLetter(box, raw, functions, functions.importIntake ?? '');
  }
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

/**
 * What EventBridge, Scheduler or Lambda could not deliver: an event, an event with its failure, or a clock's tick. Of
 * imports it is also a message that their queue gave up, which their function takes as well. `otherwise`: whom it is
 * for where it does not say so.
 */
function inletLetter(box: LetterBox, raw: RawLetter, functions: Functions, otherwise: string): DeadLetter {
  const { ERROR_CODE = 'given-up', ERROR_MESSAGE = '', RETRY_ATTEMPTS, TARGET_ARN = '' } = raw.attributes;
  const value = attempt(() => JSON.parse(raw.body) as unknown);
  const failed = attempt(() => readFailedRun(value));
  if (failed !== undefined) {
    const { name, payload, message, since, tries } = failed;
    return {
      ...letter(box, raw),
      about: aboutEvent(payload) ?? name,
      reason: { code: 'failed-run', message },
      since,
      tries,
      way: wayTo(name, JSON.stringify(payload), functions),
    };
  }
  const target = nameOf(TARGET_ARN);
  return {
    ...letter(box, raw),
    about: aboutEvent(value) ?? (target || UNREADABLE),
    reason: { code: ERROR_CODE, message: ERROR_MESSAGE || (raw.source ? NOT_TAKEN : 'it was not delivered') },
    ...(RETRY_ATTEMPTS !== undefined && { tries: Number(RETRY_ATTEMPTS) + 1 }),
    way: wayTo(target || otherwise, raw.body, functions),
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

function wayTo(name: string, payload: string, { receive, clocks, importIntake }: Functions): Way {
  if (name === receive || name === importIntake) return { to: 'function', name, payload, waits: true };
  if (clocks.includes(name)) return { to: 'function', name, payload, waits: false };
  return { to: 'nowhere', why: `it is for the function ${name}, which is none of this deployment's inlets` };
}

function aboutEvent(event: unknown): string | undefined {
  return attempt(() => aboutPush(event)) ?? attempt(() => aboutImport(event));
}

function aboutPush(event: unknown): string | undefined {
  const [push] = parseEcr(event).pushes;
  if (push === undefined) return undefined;
  return push.tag === undefined ? `${push.repository}@${push.digest}` : `${push.repository}:${push.tag}`;
}

/** Of what imports wait for: a publication, the end of an execution, a message or a clock's tick. */
function aboutImport(value: unknown): string {
  const event = new Fields('read this message', '', value);
  if (event.has('detail')) {
    const detail = event.object('detail');
    if (event.string('source') === 'aws.states') return `execution ${detail.string('name')}`;
    return `${detail.string('repository')}:${(detail.optionalStrings('targets') ?? []).join(',')}`;
  }
  const { name, repository, tag } = readImportMessage(JSON.stringify(value));
  return `import "${name}"${tag === undefined ? '' : ` of ${repository}:${tag}`}`;
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
