import { describe, expect, it } from '@jest/globals';
import { readDeadLetter } from '../../../lib/deployment/dead-letter.ts';
import { importMessage } from '../../../lib/messages/import-message.ts';
import { sweepMessage } from '../../../lib/messages/sweep-message.ts';
import { wakeUpMessage } from '../../../lib/messages/wake-up-message.ts';
import { eventFixture } from '../../support/event-fixture.ts';
import { ECR_EVENT, FUNCTIONS, lambdaArn, rawLetter } from './a-dead-letter.ts';

const CAUSE = { source: 'event', id: 'event-1', time: '2026-11-25T09:00:00Z' } as const;
const AT = { registry: '123456789012.dkr.ecr.eu-west-1.amazonaws.com', repository: 'team/app', rule: 'apps' };
const GROUP = { ...AT, kind: 'group', captures: { version: '1.0' }, cause: CAUSE } as const;
const VERIFY = { ...AT, kind: 'verify', target: 'latest', captures: {}, cause: CAUSE } as const;

describe('a dead letter of the work queue', () => {
  it('says what was buried, why, since when and how often it was tried', () => {
    const attributes = { code: 'forbidden', reason: 'cannot write x: no', receives: '8' };
    const raw = rawLetter(wakeUpMessage(GROUP, 0, []).body, { attributes });
    expect(readDeadLetter('work', raw, FUNCTIONS)).toEqual({
      box: 'work',
      id: 'm1',
      about: 'team/app:version=1.0 (rule apps)',
      reason: { code: 'forbidden', message: 'cannot write x: no' },
      since: '2026-11-25T09:00:00Z',
      tries: 8,
      way: { to: 'work' },
    });
  });

  it('names the target where that is what was looked at', () => {
    const raw = rawLetter(wakeUpMessage(VERIFY, 0, []).body);
    expect(readDeadLetter('work', raw, FUNCTIONS).about).toBe('team/app:latest (rule apps)');
  });

  it('says that the function crashed where the queue gave it up', () => {
    const letter = readDeadLetter('work', rawLetter(wakeUpMessage(GROUP, 0, []).body), FUNCTIONS);
    expect(letter.reason).toEqual({ code: 'given-up', message: expect.stringContaining('crashed') });
    expect(letter).not.toHaveProperty('tries');
  });

  it('is tried again although nobody can read it', () => {
    expect(readDeadLetter('work', rawLetter('{"v":99}'), FUNCTIONS)).toMatchObject({
      about: 'a message that cannot be read',
      since: '2026-11-25T10:00:00.000Z',
      way: { to: 'work' },
    });
  });
});

describe('a dead letter of what leads to the functions', () => {
  it('is an event that EventBridge could not deliver', () => {
    const attributes = {
      ...{ ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed', RETRY_ATTEMPTS: '0' },
      ...{ RULE_ARN: 'arn:aws:events:x', TARGET_ARN: lambdaArn(FUNCTIONS.receive) },
    };
    const raw = rawLetter(ECR_EVENT, { attributes });
    expect(readDeadLetter('inlet', raw, FUNCTIONS)).toMatchObject({
      about: 'team/app:1.0-amd64',
      reason: { code: 'NO_PERMISSIONS', message: 'not allowed' },
      since: '2026-11-25T10:00:00.000Z',
      tries: 1,
      way: { to: 'function', name: FUNCTIONS.receive, payload: raw.body, waits: true },
    });
  });

  it('is the record of a run that failed, with its event inside', () => {
    const raw = rawLetter({
      ...{ version: '1.0', timestamp: '2026-11-25T09:10:00.000Z', requestPayload: ECR_EVENT },
      requestContext: {
        functionArn: `${lambdaArn(FUNCTIONS.receive)}:$LATEST`,
        ...{ requestId: 'r', condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      },
      responsePayload: { errorType: 'Error', errorMessage: 'the queue is not there' },
    });
    expect(readDeadLetter('inlet', raw, FUNCTIONS)).toMatchObject({
      about: 'team/app:1.0-amd64',
      reason: { code: 'failed-run', message: 'the queue is not there' },
      since: '2026-11-25T09:10:00.000Z',
      tries: 3,
      way: { to: 'function', name: FUNCTIONS.receive, payload: JSON.stringify(ECR_EVENT), waits: true },
    });
  });

  it("is a clock's tick, which only has to be taken", () => {
    const attributes = {
      ERROR_CODE: 'ThrottlingException',
      TARGET_ARN: lambdaArn(`${FUNCTIONS.clocks[1]}:live`),
    };
    expect(readDeadLetter('inlet', rawLetter('{}', { attributes }), FUNCTIONS)).toMatchObject({
      about: FUNCTIONS.clocks[1],
      way: { to: 'function', name: FUNCTIONS.clocks[1], payload: '{}', waits: false },
    });
  });

  it('is the tick of a clock of an import', () => {
    const tick = { source: 'archweave', clock: 'import-mirror', v: 1, import: { name: 'mirror' } };
    const attributes = { ERROR_CODE: 'ThrottlingException', TARGET_ARN: lambdaArn(FUNCTIONS.importIntake) };
    const raw = rawLetter(tick, { attributes });
    expect(readDeadLetter('inlet', raw, FUNCTIONS)).toMatchObject({
      about: 'import "mirror"',
      way: { to: 'function', name: FUNCTIONS.importIntake, payload: raw.body, waits: true },
    });
  });

  it("stays where it is for a function that is not the deployment's", () => {
    const attributes = { TARGET_ARN: lambdaArn('somebody-elses') };
    expect(readDeadLetter('inlet', rawLetter('{}', { attributes }), FUNCTIONS).way).toEqual({
      to: 'nowhere',
      why: expect.stringContaining('somebody-elses'),
    });
  });
});

describe('a dead letter of the sweep', () => {
  const task = { registry: AT.registry, repository: 'team/app', began: '2026-11-25T02:00:00Z', first: [] };

  it('goes back to the queue that gave it up', () => {
    const source = 'arn:aws:sqs:eu-west-1:123456789012:sweeps';
    expect(readDeadLetter('sweep', rawLetter(sweepMessage(task), { source }), FUNCTIONS)).toMatchObject({
      about: 'sweep of team/app',
      since: '2026-11-25T02:00:00Z',
      way: { to: 'queue', arn: source },
    });
  });

  it('stays where nobody says from where it came', () => {
    expect(readDeadLetter('sweep', rawLetter(sweepMessage(task)), FUNCTIONS).way.to).toBe('nowhere');
  });
});

describe('a dead letter of the imports', () => {
  const intake = (payload: unknown) => ({
    to: 'function',
    name: FUNCTIONS.importIntake,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    waits: true,
  });
  const read = (raw: ReturnType<typeof rawLetter>) => readDeadLetter('import', raw, FUNCTIONS);

  it.each([
    [{ name: 'mirror', repository: 'team/app', tag: '1.0' }, 'import "mirror" of team/app:1.0'],
    [{ name: 'base images' }, 'import "base images"'],
  ])('is a message that was not taken: %j', (task, about) => {
    const body = importMessage(task);
    expect(read(rawLetter(body, { source: 'arn:aws:sqs:eu-west-1:123456789012:imports' }))).toEqual({
      ...{ box: 'import', id: 'm1', about, since: '2026-11-25T10:00:00.000Z', way: intake(body) },
      reason: { code: 'given-up', message: expect.stringContaining('import-intake') },
    });
  });

  it.each([
    ['a push', ECR_EVENT, 'team/app:1.0-amd64'],
    [
      'a publication',
      {
        ...{ source: 'archweave', 'detail-type': 'Index Published' },
        detail: { registry: { host: 'x' }, repository: 'team/app', targets: ['1.0', 'latest'] },
      },
      'team/app:1.0,latest',
    ],
    [
      'the end of an execution',
      JSON.parse(new TextDecoder().decode(eventFixture('states-timed-out'))),
      'execution 0123456789abcdef',
    ],
  ])('is %s that EventBridge could not deliver', (_, event, about) => {
    const attributes = {
      ...{ ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed', RETRY_ATTEMPTS: '2' },
      TARGET_ARN: lambdaArn(FUNCTIONS.importIntake),
    };
    expect(read(rawLetter(event, { attributes }))).toMatchObject({
      about,
      reason: { code: 'NO_PERMISSIONS', message: 'not allowed' },
      tries: 3,
      way: intake(event),
    });
  });

  it('is the record of a run that failed, with its event inside', () => {
    const raw = rawLetter({
      ...{ version: '1.0', timestamp: '2026-11-25T09:10:00.000Z', requestPayload: ECR_EVENT },
      requestContext: {
        functionArn: lambdaArn(FUNCTIONS.importIntake),
        ...{ requestId: 'r', condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      },
    });
    expect(read(raw)).toMatchObject({ about: 'team/app:1.0-amd64', tries: 3, way: intake(ECR_EVENT) });
  });

  it('is tried again although nobody can read it', () => {
    expect(read(rawLetter('{"v":99}'))).toMatchObject({
      about: 'a message that cannot be read',
      way: intake('{"v":99}'),
    });
  });
});
