import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { acrServerSide } from '../../lib/registry/acr/server-side.ts';
import type { AcrFake } from '../support/acr-fake.ts';
import { refuse } from '../support/acr-fake-arm.ts';
import { fakeIdentity, openAcr, openFakeAcr } from '../support/acr-fake-client.ts';
import { jsonSchemaErrors } from '../support/json-schema.ts';
import { indexOfPlatforms, layeredImage, type Piece, pushPiece } from '../support/layered-image.ts';
import { PROJECT_ROOT } from '../support/tools.ts';
import { anImport, MIRROR } from '../unit/queue/an-import.ts';

const SOURCE = 'contoso.azurecr.io';
const TARGET = 'fabrikam.azurecr.io';
const SCHEMA = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'docs', 'events', 'import-finished.schema.json'), 'utf8'),
);
const NEVER = new AbortController().signal;

describe('the steps of an import on AWS between registries in Azure', () => {
  let fake: AcrFake;
  let source: ReturnType<typeof openAcr>;
  let target: ReturnType<typeof openAcr>;
  let stop: () => Promise<void>;
  let image: Piece;
  let count = 0;

  beforeAll(async () => {
    ({ fake, registry: source, stop } = await openFakeAcr());
    const resource = (name: string) =>
      `/subscriptions/${fake.world.tenant}/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries/${name}`;
    const serverSide = acrServerSide({
      host: TARGET,
      resource: resource('fabrikam'),
      sources: new Map([[SOURCE, resource('contoso')]]),
      identity: async () => fakeIdentity(fake),
      endpoint: fake.authority,
    });
    target = openAcr(fake, { serverSide });
    image = indexOfPlatforms({
      'linux/amd64': layeredImage('linux/amd64', [300_000, 1000]),
      'linux/arm64': layeredImage('linux/arm64', [200_000]),
    });
    await pushPiece(source, 'team/app', '1.0', image);
  });
  afterAll(() => stop?.());
  beforeEach(() => {
    fake.world.importing = 'at once';
    fake.world.jobs.length = 0;
  });
  afterEach(() => fake.world.forgetFaults());

  function world(more: { readonly platforms?: typeof MIRROR.platforms } = {}) {
    const to = `to${++count}/{repository}`;
    const rule = {
      ...{ ...MIRROR, ...more },
      from: { registry: SOURCE, pattern: 'team/*' },
      to: { registry: TARGET, repository: to },
    };
    const registryOf = (host: string) => ({ [SOURCE]: source, [TARGET]: target })[host];
    const made = anImport({ rule, registryOf, fetchDeadline: 2000 });
    const repository = to.replace('{repository}', 'team/app');
    return {
      ...made,
      held: async () => (await target.resolveReferences(repository, ['1.0'])).get('1.0'),
      finished() {
        expect(made.told.map(({ type }) => type)).toEqual(['Import Finished']);
        const { detail } = made.told[0]!;
        expect(jsonSchemaErrors(SCHEMA, detail)).toEqual([]);
        return detail as { readonly bytes: number; readonly fetched: number; readonly streamed: unknown };
      },
    };
  }

  it('have the target fetch the image, and send no byte', async () => {
    const { execute, held, finished, telemetry } = world();
    expect(await execute()).toEqual([]);
    expect(await held()).toBe(image.manifest.digest);
    expect(fake.world.jobs).toHaveLength(1);
    expect(finished()).toMatchObject({ bytes: 0, streamed: null });
    expect(finished().fetched).toBeGreaterThan(500_000);
    expect(telemetry.sum('BytesCopied')).toBe(0);
  });

  it('stream the image where it is not done in time, ask no second time, and say so', async () => {
    fake.world.importing = 'hang';
    const { execute, held, finished } = world();
    expect(await execute()).not.toEqual([]);
    expect(await held()).toBe(image.manifest.digest);
    expect(fake.world.jobs).toHaveLength(1);
    const { bytes, fetched, streamed } = finished();
    expect(bytes).toBeGreaterThan(500_000);
    expect(fetched).toBe(0);
    expect(streamed).toEqual({ code: 'deadline', reason: 'it was not done after 2 s' });
  });

  it('stream the image where Azure refuses, with its reason', async () => {
    fake.world.failNext(/importImage/, refuse(403, 'AuthorizationFailed', 'importImage/action'), 3);
    const { execute, held, finished } = world();
    expect(await execute()).not.toEqual([]);
    expect(await held()).toBe(image.manifest.digest);
    expect(fake.world.jobs).toEqual([]);
    expect(finished()).toMatchObject({
      fetched: 0,
      streamed: {
        code: 'refused',
        reason: expect.stringMatching(/^the identity may not import at fabrikam.*; give it "Container/),
      },
    });
  });

  it('copy nothing more where it came while the deadline passed', async () => {
    fake.world.importing = 'hang';
    const { steps, held } = world();
    const task = { name: MIRROR.name, repository: 'team/app', tag: '1.0' };
    const plan = await steps.plan(task, 0);
    if (plan.way !== 'acr-import') throw new Error(plan.way);
    const fetching = steps.fetch(task, plan, NEVER);
    while (fake.world.jobs.length === 0) await new Promise(resolve => setTimeout(resolve, 20));
    await fake.landImports();
    const left = await fetching;
    expect(left).toMatchObject({ way: 'copy', items: [], streamed: { code: 'deadline' } });
    await steps.finish(task, { ...left, moved: 0, began: 0 }, NEVER);
    expect(await held()).toBe(image.manifest.digest);
  });

  it('stream some of the platforms without asking, and say why', async () => {
    const { execute, finished } = world({ platforms: [{ os: 'linux', architecture: 'arm64' }] });
    expect(await execute()).not.toEqual([]);
    expect(fake.world.jobs).toEqual([]);
    expect(finished()).toMatchObject({ fetched: 0, streamed: { code: 'some-platforms' } });
  });

  it('say why where the step that waited was cut off', async () => {
    const { steps, finished, held } = world();
    const task = { name: MIRROR.name, repository: 'team/app', tag: '1.0' };
    const plan = await steps.plan(task, 0);
    if (plan.way !== 'acr-import') throw new Error(plan.way);
    const caught = { Error: 'States.Timeout' };
    await steps.finish(task, { ...plan, caught, moved: 0, began: 0 }, NEVER);
    expect(await held()).toBe(image.manifest.digest);
    expect(fake.world.jobs).toEqual([]);
    expect(finished().streamed).toEqual({
      code: 'refused',
      reason: 'a step of it did not end in its time',
    });
  });
});
