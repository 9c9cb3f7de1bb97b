import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { aStack, makeHandlers } from './a-stack.ts';
import { grants, named } from './granted.ts';
import { AZURE, BETWEEN, FETCHING } from './import-configs.ts';

beforeAll(makeHandlers);

const matching = (text: string) => Match.stringLikeRegexp(text);

describe('a deployment whose imports go to Azure', () => {
  it('is vouched for by AWS, and only then carries code for Azure', () => {
    const made = aStack({ yaml: AZURE }).template();
    expect(JSON.stringify(grants(made).ImportsCopyRole)).toContain('sts:GetWebIdentityToken on *');
    expect(JSON.stringify(grants(made).ImportsIntakeRole)).not.toContain('sts:');
  });

  it('has the target fetch images by itself only between two whose resources are known, for no right more', () => {
    const [streaming, fetching] = [BETWEEN, FETCHING].map(yaml => {
      const { app, template } = aStack({ yaml });
      const made = template();
      const machines = Object.values(made.findResources('AWS::StepFunctions::StateMachine'));
      const { States } = JSON.parse(named(machines[0]!.Properties.DefinitionString));
      const [copy] = globSync(join(app.outdir, 'archweave-copy-*', 'copy.mjs'));
      const asks = readFileSync(copy!, 'utf8').includes('/importImage');
      return { States, granted: grants(made), asks };
    });
    expect(JSON.stringify(streaming!.States)).not.toMatch(/acr-?import|fetch/i);
    const { AcrImport, Way, ...others } = fetching!.States;
    const { Way: before, ...same } = streaming!.States;
    expect(others).toEqual(same);
    expect(Way).toEqual({
      ...before,
      Choices: [...before.Choices, { Variable: '$.plan.way', StringEquals: 'acr-import', Next: 'AcrImport' }],
    });
    expect(AcrImport).toMatchObject({
      Type: 'Task',
      Parameters: { op: 'fetch', 'job.$': '$' },
      TimeoutSeconds: 900,
      ResultPath: '$.plan',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.plan.caught', Next: 'Blobs' }],
      Next: 'Blobs',
    });
    expect(AcrImport.Retry).toMatchObject([
      { ErrorEquals: ['Refused'], MaxAttempts: 0 },
      { ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 300, JitterStrategy: 'FULL' },
      { ErrorEquals: ['Throttled', 'Transient'], MaxAttempts: 2, JitterStrategy: 'FULL' },
    ]);
    expect(fetching!.granted).toEqual(streaming!.granted);
    expect([streaming!.asks, fetching!.asks]).toEqual([false, true]);
  });

  it('is refused where nothing says as whom', () => {
    const { stack } = aStack({ yaml: AZURE.replace(/, tenant: .* }/, ' }') });
    Annotations.fromStack(stack).hasError('*', matching('goes to contoso.azurecr.io'));
  });
});
