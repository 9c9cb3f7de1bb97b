import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { ImportEvent } from '../../../lib/import/import-event.ts';
import { importMessage } from '../../../lib/messages/import-message.ts';
import { createEndTeller, readExecutionEnd } from '../../../lib/queue/execution-end.ts';
import type { Execution } from '../../../lib/queue/executions.ts';
import { StepError } from '../../../lib/queue/step-error.ts';
import { put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';
import { jsonSchemaErrors } from '../../support/json-schema.ts';
import { recordTelemetry } from '../../support/telemetry-recorder.ts';
import { PROJECT_ROOT } from '../../support/tools.ts';
import { MIRROR, TASK } from './an-import.ts';

const SCHEMA = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'docs', 'events', 'import-failed.schema.json'), 'utf8'),
);
const event = (spoil: Spoil = () => undefined): unknown =>
  JSON.parse(new TextDecoder().decode(spoiltEvent('states-timed-out', spoil)));
const ended = (status: string) => event(put('detail.status', status));
const refusal = new StepError(
  new ArchweaveError({ code: 'forbidden', attempt: 'write b.example/m', reason: 'no right' }),
);
const CAUSE = JSON.stringify({ errorType: refusal.name, errorMessage: refusal.message, trace: [] });

/** Tells the end of an execution of which Step Functions knows `more`. */
async function tellEnd(value: unknown, more: Partial<Execution> = {}) {
  const told: ImportEvent[] = [];
  const asked: string[] = [];
  const telemetry = recordTelemetry();
  const tell = createEndTeller({
    ...{ imports: [MIRROR], rules: [], telemetry, now: () => Date.parse('2026-11-25T16:00:02Z') },
    executions: {
      async describe(name) {
        asked.push(name);
        return { status: 'TIMED_OUT', input: importMessage(TASK), ...more };
      },
    },
    tell: async one => void told.push(one),
  });
  const end = readExecutionEnd(value);
  if (end === undefined) throw new Error('it is not read as an end');
  await tell(end);
  return { told, asked, telemetry };
}

describe('the end of an execution that nobody in it told', () => {
  it.each([
    ['TIMED_OUT', 'timeout', 'it was not done after 6 h'],
    ['ABORTED', 'interrupted', 'its execution was stopped'],
  ])('is told of one that is %s', async (status, code, reason) => {
    const { told, asked } = await tellEnd(ended(status));
    expect(asked).toEqual(['0123456789abcdef']);
    expect(told).toEqual([
      {
        ...{ source: 'archweave', type: 'Import Failed', time: '2026-11-25T16:00:02.000Z' },
        detail: expect.objectContaining({
          message: `team/app:1.0 is not copied to b.example/m/team/app:1.0: ${reason}.`,
          ...{ import: 'mirror', code, reason, retrying: false, resumable: true, ms: 21_600_000 },
        }),
      },
    ]);
    expect(jsonSchemaErrors(SCHEMA, told[0]!.detail)).toEqual([]);
  });

  it('is told with the reason that the failing step gave, where telling it failed', async () => {
    const cause = JSON.stringify({ Error: refusal.name, Cause: CAUSE });
    const { told } = await tellEnd(ended('FAILED'), { error: 'ImportUntold', cause });
    expect(told[0]!.detail).toMatchObject({ code: 'forbidden', reason: 'no right' });
  });

  it('is told of one that failed where nothing catches, without what may be in the words of it', async () => {
    const cause = 'The JSONPath \'$.x\' could not be found in the input \'{"upload":"token=secret"}\'';
    const { told, telemetry } = await tellEnd(ended('FAILED'), { error: 'States.Runtime', cause });
    expect(told[0]!.detail).toMatchObject({ code: 'internal' });
    expect(JSON.stringify([told, telemetry.of('import failed')])).not.toContain('secret');
  });

  it('is not told twice where the execution has told it', async () => {
    expect((await tellEnd(ended('FAILED'), { error: 'ImportFailed', cause: 'x' })).told).toEqual([]);
  });

  it('comes again while Step Functions does not say yet why it failed', async () => {
    await expect(tellEnd(ended('FAILED'))).rejects.toMatchObject({ retryable: true });
  });

  it('is logged where archweave.yaml does not know the import any more, or nobody can read what was asked', async () => {
    for (const input of [importMessage({ ...TASK, name: 'gone' }), importMessage({ name: 'mirror' }), '{}']) {
      const { told, telemetry } = await tellEnd(ended('ABORTED'), { input });
      expect(told).toEqual([]);
      expect(telemetry.of('import failed')).toEqual([
        expect.objectContaining({ code: 'interrupted', execution: '0123456789abcdef' }),
      ]);
    }
  });

  it('is read from what Lambda keeps of a run that failed, too', () => {
    expect(readExecutionEnd({ requestContext: {}, requestPayload: event() })).toEqual({
      ...{ name: '0123456789abcdef', status: 'TIMED_OUT' },
      ...{ began: Date.parse('2026-11-25T10:00:00Z'), ended: Date.parse('2026-11-25T16:00:00Z') },
    });
  });

  it('is no push, no message, and no execution that goes on or has done its work', () => {
    for (const other of [
      { v: 1, import: { name: 'mirror' } },
      { source: 'aws.ecr', 'detail-type': 'x' },
    ])
      expect(readExecutionEnd(other)).toBeUndefined();
    for (const status of ['RUNNING', 'SUCCEEDED', 'PENDING_REDRIVE'])
      expect(readExecutionEnd(ended(status))).toBeUndefined();
  });

  it.each(['detail.name', 'detail.startDate', 'detail.stopDate'])('has %s, or is refused', path => {
    expect(() => readExecutionEnd(event(put(path, undefined)))).toThrow(/is missing/);
  });
});
