import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { AT_THE_START } from '../../../lib/import/copy-item.ts';
import { readStepFailure, StepError } from '../../../lib/queue/step-error.ts';
import { jsonSchemaErrors } from '../../support/json-schema.ts';
import { PROJECT_ROOT } from '../../support/tools.ts';
import { anImport, MIRROR, pushLayered, TASK } from './an-import.ts';

const NEVER = new AbortController().signal;
const schemaOf = (name: string) =>
  JSON.parse(readFileSync(join(PROJECT_ROOT, 'docs', 'events', `${name}.schema.json`), 'utf8'));

describe('the steps of an import on AWS', () => {
  it('copy an image in slices, tell it, and remember it', async () => {
    const world = anImport({ sliceBytes: 100_000 });
    const { digest } = await pushLayered(world.a, 350_000, 3);
    const [steps] = await world.execute();
    expect(steps).toBeGreaterThanOrEqual(4);
    expect(await world.held()).toBe(digest);
    expect(world.told).toHaveLength(1);
    expect(jsonSchemaErrors(schemaOf('import-finished'), world.told[0]!.detail)).toEqual([]);
    const { bytes } = world.told[0]!.detail as { readonly bytes: number };
    expect(bytes).toBeGreaterThan(350_000);
    expect(world.telemetry.sum('BytesCopied')).toBe(bytes);
    expect([...world.memory.values()]).toEqual([{ what: expect.stringContaining(digest), times: 1 }]);
  });

  it('do nothing the second time, and say nothing of it', async () => {
    const world = anImport();
    await pushLayered(world.a, 1_000, 3);
    await world.execute();
    expect(await world.execute()).toEqual([]);
    expect(world.told).toHaveLength(1);
  });

  it('go on inside a layer where a step was killed, and send nothing twice that was acknowledged', async () => {
    const world = anImport({ sliceBytes: 100_000 });
    await pushLayered(world.a, 350_000, 5);
    const plan = await world.steps.plan(TASK, 0);
    if (plan.way !== 'copy') throw new Error(plan.way);
    const [item] = plan.items;
    const first = await world.steps.blob(TASK, item!, AT_THE_START, NEVER);
    // The answer of the next one is lost: its step begins again from what came before.
    await world.steps.blob(TASK, item!, first, NEVER);
    let at = first;
    while (!at.done) at = await world.steps.blob(TASK, item!, at, NEVER);
    expect(at.moved).toBe(plan.total);
    expect(await world.steps.finish(TASK, { moved: at.moved, total: plan.total, began: 0 }, NEVER)).toEqual({
      done: true,
    });
  });

  it('do not send what a killed step had finished', async () => {
    const world = anImport();
    await pushLayered(world.a, 5_000, 7);
    const plan = await world.steps.plan(TASK, 0);
    if (plan.way !== 'copy') throw new Error(plan.way);
    await world.steps.blob(TASK, plan.items[0]!, AT_THE_START, NEVER);
    const again = await world.steps.blob(TASK, plan.items[0]!, AT_THE_START, NEVER);
    expect(again).toMatchObject({ done: true, moved: 0 });
  });

  it('end in good order when their time is up', async () => {
    const world = anImport();
    await pushLayered(world.a, 5_000, 7);
    const plan = await world.steps.plan(TASK, 0);
    if (plan.way !== 'copy') throw new Error(plan.way);
    expect(await world.steps.blob(TASK, plan.items[0]!, AT_THE_START, AbortSignal.abort())).toEqual(
      AT_THE_START,
    );
  });

  it('copy what the tag holds at the end, where it moved in the middle', async () => {
    const world = anImport();
    await pushLayered(world.a, 5_000, 7);
    const plan = await world.steps.plan(TASK, 0);
    if (plan.way !== 'copy') throw new Error(plan.way);
    await world.steps.blob(TASK, plan.items[0]!, AT_THE_START, NEVER);
    const { digest } = await pushLayered(world.a, 6_000, 11);
    await world.steps.finish(TASK, { moved: 0, total: plan.total, began: 0 }, NEVER);
    expect(await world.held()).toBe(digest);
  });

  it('tell it once more, rather than never, where the last step was cut off after its last write', async () => {
    let broken = true;
    const told: string[] = [];
    const world = anImport({
      tell: async ({ type }) => {
        if (broken) throw new ArchweaveError({ code: 'unreachable', attempt: '', retryable: true });
        told.push(type);
      },
    });
    const { digest } = await pushLayered(world.a, 5_000, 7);
    await expect(world.execute()).rejects.toThrow();
    broken = false;
    await world.steps.finish(TASK, { moved: 5_000, total: 5_000, began: 0 }, NEVER);
    expect(told).toEqual(['Import Finished']);
    expect([...world.memory.values()]).toEqual([{ what: expect.stringContaining(digest), times: 1 }]);
  });

  it('leave the target as it is where the source has nothing any more', async () => {
    const world = anImport();
    expect(await world.steps.plan(TASK, 0)).toEqual({ way: 'nothing', round: 1 });
  });

  it('are refused for what archweave.yaml does not copy', async () => {
    const world = anImport();
    const other = { ...TASK, repository: 'other/app' };
    await expect(world.steps.plan(other, 0)).rejects.toThrow(/has no import "mirror" that copies it/);
    await expect(world.steps.plan({ ...TASK, name: 'none' }, 0)).rejects.toThrow(/no import "none"/);
    await expect(world.steps.plan({ name: 'mirror' }, 0)).rejects.toThrow(
      /copies one tag, and this one says none/,
    );
  });

  it('give up an image whose tag moves and moves', async () => {
    const world = anImport();
    await pushLayered(world.a, 5_000, 7);
    await expect(world.steps.plan(TASK, 4)).rejects.toMatchObject({ code: 'tag-moved', retryable: true });
  });

  it('refuse a platform that the source does not have, by a name that is not tried again', async () => {
    const world = anImport({ rule: { ...MIRROR, platforms: [{ os: 'linux', architecture: 's390x' }] } });
    await pushLayered(world.a, 5_000, 7);
    const error = await world.steps.plan(TASK, 0).catch(one => new StepError(one));
    expect(error).toMatchObject({ name: 'Refused', stack: 'Refused' });
  });

  it('tell what failed in words of the error that it was', async () => {
    const world = anImport();
    const refused = new ArchweaveError({
      code: 'forbidden',
      attempt: 'write b.example/m',
      reason: 'no right',
    });
    const { name, message } = new StepError(refused);
    const cause = JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
    await world.steps.failed(TASK, readStepFailure({ Error: name, Cause: cause }), 0);
    expect(world.told[0]).toMatchObject({
      type: 'Import Failed',
      detail: { code: 'forbidden', retrying: false },
    });
    expect(jsonSchemaErrors(schemaOf('import-failed'), world.told[0]!.detail)).toEqual([]);
  });
});

describe('a failure between steps', () => {
  it.each([
    ['throttled', false, 'Throttled'],
    ['unreachable', true, 'Transient'],
    ['interrupted', false, 'Transient'],
    ['immutable-tag', false, 'Refused'],
  ] as const)('of code %s (retryable: %s) is called %s', (code, retryable, name) => {
    expect(new StepError(new ArchweaveError({ code, attempt: '', retryable })).name).toBe(name);
  });

  it('says nothing of an error that nobody made for people', () => {
    const { name, message, stack } = new StepError(new TypeError('token=secret'));
    expect([name, message.includes('secret'), stack]).toEqual(['Bug', false, 'Bug']);
    expect(readStepFailure({ Error: 'Runtime.ExitError', Cause: 'no JSON' })).toEqual(
      new Error('Runtime.ExitError'),
    );
  });

  it.each([
    ['Sandbox.Timedout', 'timeout'],
    ['States.Timeout', 'timeout'],
    ['Lambda.TooManyRequestsException', 'throttled'],
  ])('that AWS alone tells as %s is %s, and no bug', (name, code) => {
    expect(readStepFailure({ Error: name, Cause: 'no JSON' })).toMatchObject({ code });
  });
});
