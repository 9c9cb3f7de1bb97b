import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { aStack, makeHandlers } from './a-stack.ts';
import { named } from './granted.ts';
import { IMPORTS } from './import-configs.ts';

beforeAll(makeHandlers);

describe('the state machine of imports', () => {
  let template: Template;
  beforeAll(() => {
    template = aStack({ yaml: IMPORTS }).template();
  });
  const machine = () =>
    Object.values(template.findResources('AWS::StepFunctions::StateMachine'))[0]!.Properties;
  const states = () => JSON.parse(named(machine().DefinitionString));

  it('says what may be tried again, and tells what fails', () => {
    const { States, StartAt, TimeoutSeconds } = states();
    expect(Object.keys(States)).toEqual([
      'Plan',
      'Way',
      'Blobs',
      'Finish',
      'Whole',
      'Done',
      'Failed',
      'GivenUp',
      'Untold',
    ]);
    expect([StartAt, TimeoutSeconds]).toEqual(['Plan', 21_600]);
    for (const { Retry } of [States.Plan, States.Finish, States.Blobs.ItemProcessor.States.Blob]) {
      const [never, throttled, passing] = Retry;
      expect(never).toEqual({ ErrorEquals: ['Refused'], MaxAttempts: 0 });
      expect(throttled).toMatchObject({ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 300 });
      expect(passing).toMatchObject({ ErrorEquals: ['States.ALL'], MaxAttempts: 6 });
      for (const one of [throttled, passing])
        expect(one).toMatchObject({ IntervalSeconds: 5, BackoffRate: 2, JitterStrategy: 'FULL' });
    }
    for (const state of ['Plan', 'Blobs', 'Finish'])
      expect(States[state].Catch).toEqual([
        { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' },
      ]);
    // Told by itself: the rule for executions that end leaves it alone.
    expect(States.Failed.Next).toBe('GivenUp');
    expect(States.GivenUp).toMatchObject({ Type: 'Fail', Error: 'ImportFailed' });
    // Told by whoever hears of its end, with what could not be told in it.
    expect(States.Failed.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Untold' }]);
    expect(States.Untold).toMatchObject({
      ...{ Type: 'Fail', Error: 'ImportUntold', CausePath: 'States.JsonToString($.error)' },
    });
  });

  it('logs every event of an execution and none of its data', () => {
    expect(machine()).toMatchObject({
      StateMachineName: 'archweave-eu-west-1-import',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });
});
