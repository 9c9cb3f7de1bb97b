import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { Fields } from '../image/fields.ts';
import { duration } from '../image/format-duration.ts';
import { type ImportEvent, importFailed } from '../import/import-event.ts';
import { FAILED_STATUSES, TOLD, UNTOLD } from '../messages/execution-outcome.ts';
import { readImportMessage } from '../messages/import-message.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { Execution, Executions } from './executions.ts';
import { importFacts, importPlaces } from './import-places.ts';
import { readStepFailure } from './step-error.ts';
import { failureFacts, type Telemetry } from './telemetry.ts';

/** An execution that ended without having done what it was for, as Step Functions announces it. */
export interface ExecutionEnd {
  readonly name: string;
  readonly status: (typeof FAILED_STATUSES)[number];
  /** Milliseconds since 1970, both. */
  readonly began: number;
  readonly ended: number;
}

/**
 * Reads the event of Step Functions, also wrapped by Lambda, when it is put back from the dead letters. Undefined for
 * anything else, and for an execution that goes on or has done its work. Throws `malformed` for one without its fields.
 */
export function readExecutionEnd(value: unknown): ExecutionEnd | undefined {
  const event = new Fields('read this event', '', value);
  if (event.has('requestPayload')) return readExecutionEnd(event.values.requestPayload);
  if (event.values.source !== 'aws.states') return undefined;
  const detail = event.object('detail');
  const status = FAILED_STATUSES.find(one => one === detail.string('status'));
  if (status === undefined) return undefined;
  return {
    name: detail.string('name'),
    status,
    began: detail.size('startDate'),
    ended: detail.size('stopDate'),
  };
}

export interface EndTellerOptions {
  readonly imports: readonly ImportRule[];
  readonly rules: readonly Rule[];
  readonly executions: Pick<Executions, 'describe'>;
  readonly tell: (event: ImportEvent) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Tells `Import Failed` of executions that could not tell it themselves: their time was up, somebody stopped them, or
 * no state caught what happened. Rejects what has to come again.
 */
export function createEndTeller({ imports, rules, executions, tell, telemetry, now }: EndTellerOptions) {
  return async (end: ExecutionEnd): Promise<void> => {
    // What it began with is not always in the event: a large one is left out.
    const execution = await executions.describe(end.name);
    const why = reasonOf(end, execution);
    if (why === undefined) return;
    telemetry.log('error', 'import failed', { execution: end.name, ...failureFacts(why) });
    const places = placesOf(execution.input);
    if (places === undefined) return;
    const facts = importFacts(places, { now: now(), ms: end.ended - end.began });
    await tell(importFailed(facts, why, { retrying: false }));
  };

  /** Undefined where nobody knows which image it is about: begun by hand, or before archweave.yaml changed. */
  function placesOf(input: string) {
    try {
      return importPlaces(readImportMessage(input), imports, rules);
    } catch (error) {
      if (isArchweaveError(error)) return undefined;
      throw error;
    }
  }
}

/** Undefined where the execution has told it. */
function reasonOf({ name, status, began, ended }: ExecutionEnd, { error, cause }: Execution): unknown {
  const attempt = `finish the execution ${name}`;
  if (status === 'TIMED_OUT')
    return new ArchweaveError({
      code: 'timeout',
      attempt,
      reason: `it was not done after ${duration(ended - began)}`,
    });
  if (status === 'ABORTED')
    return new ArchweaveError({ code: 'interrupted', attempt, reason: 'its execution was stopped' });
  if (error === TOLD) return undefined;
  if (error === UNTOLD) return readStepFailure(JSON.parse(cause ?? '{}') as object);
  if (error !== undefined) return readStepFailure({ Error: error, Cause: cause });
  const reason = 'Step Functions does not say yet why it failed';
  throw new ArchweaveError({ code: 'unreachable', attempt, reason, retryable: true });
}
