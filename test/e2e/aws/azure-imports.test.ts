import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { importMessage } from '../../../lib/messages/import-message.ts';
import { openOciRegistry } from '../../../lib/registry/oci/open.ts';
import { refuse } from '../../support/acr-fake-arm.ts';
import { openFakeAcr } from '../../support/acr-fake-client.ts';
import { listenToBus, makeQueue } from '../../support/aws-queues.ts';
import { type Cloud, startCloud } from '../../support/deployed-stack.ts';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { imageOfLayer } from '../../support/e2e-images.ts';
import { until } from '../../support/e2e-run.ts';
import { importExecutions } from '../../support/import-executions.ts';
import { pushToMemory } from '../../support/push-to-memory.ts';
import { describeWith } from '../../support/tools.ts';

const LAYER = 2_000_000;

interface Finished {
  readonly source: { readonly tag: string };
  readonly bytes: number;
  readonly fetched: number;
  readonly streamed: { readonly code: string; readonly reason: string } | null;
}

/** A deployment that imports between two registries in Azure, which fetch by themselves as long as they may. */
describeWith(['python3', 'docker-registry'], 'imports between registries in Azure on an emulated AWS', () => {
  let cloud: Cloud;
  let acr: Awaited<ReturnType<typeof openFakeAcr>>;
  let states: SFNClient;
  let secrets: SecretsManagerClient;
  let locked: RunningRegistry;
  let executions: ReturnType<typeof importExecutions>;
  let told: string;
  let copyFunction: string;
  let intakeFunction: string;

  beforeAll(async () => {
    acr = await openFakeAcr();
    const { tenant, clientId } = acr.fake.world;
    const resource = (name: string) =>
      `/subscriptions/${tenant}/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries/${name}`;
    const registry = (name: string) =>
      `${name}: { host: ${name}.azurecr.io, tenant: ${tenant}, clientId: ${clientId}, resource: ${resource(name)} }`;
    cloud = await startCloud('aws-azure-imports', '');
    const { account, url: endpoint, region } = cloud.ministack;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    secrets = new SecretsManagerClient({ endpoint, region, credentials });
    const SecretString = JSON.stringify({ username: 'ali', accessToken: 'not-yet-known' });
    const { ARN } = await secrets.send(new CreateSecretCommand({ Name: 'locked', SecretString }));
    // bcrypt of open-sesame
    const htpasswd = 'ali:$2b$04$N4HiAC6Y5UNzz5D5MPXaoeNbG1mZ8ZjEbNMRJIWgpKsTWKFNfSrH6';
    locked = await startDockerRegistry({ htpasswd });
    writeFileSync(
      join(cloud.clone, 'archweave.yaml'),
      `registries:
  ${registry('contoso')}
  ${registry('fabrikam')}
  locked: { host: "${locked.host}", credentials: "secretsmanager:${ARN}" }
imports:
  - name: handover
    from: contoso/team/*
    to: fabrikam/copies/{repository}
    when: manual
  - name: out
    from: contoso/team/*
    to: locked/{repository}
    when: manual
  - name: in
    from: locked/base/*
    to: contoso/{repository}
    when: manual
`,
    );
    for (const line of ['npx cdk bootstrap', 'npx cdk deploy --require-approval never']) {
      const { rc, out, err } = await cloud.shell(line);
      if (rc !== 0) throw new Error(`${line}: exit ${rc}\n${out}${err}\n${cloud.ministack.log()}`);
    }
    const { sqs, events, lambda } = cloud.clients;
    told = await makeQueue(sqs, 'told');
    await listenToBus(events, sqs, told, 'default');
    const { receive } = await cloud.deployment();
    copyFunction = receive.replace('receive', 'copy');
    intakeFunction = receive.replace('receive', 'import-intake');
    for (const name of ['copy', 'import-intake']) {
      // The fake stands in for Azure's names; what else there is on the way is as it was deployed.
      const FunctionName = receive.replace('receive', name);
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const Variables = { ...Environment!.Variables, ...acr.fake.env, AZURE_CLIENT_SECRET: '' };
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
      const { STATE_MACHINE } = Environment!.Variables!;
      states ??= new SFNClient({ endpoint, region, credentials });
      if (STATE_MACHINE !== undefined) executions = importExecutions(states, STATE_MACHINE);
      for (const subject of [`arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:role/${FunctionName}`])
        acr.fake.world.federated.push({ issuer: 'https://sts.amazonaws.com', subject });
    }
  }, 240_000);
  afterAll(async () => {
    states?.destroy();
    secrets?.destroy();
    await cloud?.stop();
    await acr?.stop();
    await locked?.stop();
  });
  beforeEach(() => {
    acr.fake.world.jobs.length = 0;
    acr.fake.world.calls.length = 0;
    acr.fake.world.forgetFaults();
  });

  /** Copies an image that nobody has copied yet; answers what the event says of it. */
  async function copy(tag: string): Promise<Finished> {
    const image = imageOfLayer(randomBytes(LAYER), tag);
    await pushToMemory(acr.registry, 'team/app', tag, image);
    const execution = await executions.start('handover', 'team/app', tag);
    expect(await executions.ended(execution)).toBe('SUCCEEDED');
    expect(await executions.entered(execution, 'AcrImport')).toBe(1);
    const held = await acr.registry.resolveReferences('copies/team/app', [tag]);
    expect(held.get(tag)).toBe(image.digest);
    expect(acr.fake.world.strangers).toEqual([]);
    const finished = await until(async () => {
      const { Messages = [] } = await cloud.clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: told, MaxNumberOfMessages: 10 }),
      );
      const all = Messages.map(({ Body }) => JSON.parse(Body!) as { detail: Finished });
      return all.map(({ detail }) => detail).find(({ source }) => source?.tag === tag);
    });
    return finished!;
  }

  /** What was sent to the target, the test's own pushes to the source not counted. */
  const uploads = () =>
    acr.fake.world.calls.filter(
      ({ method, path }) => /PATCH|PUT/.test(method) && path.startsWith('/v2/copies/team/app/blobs/uploads/'),
    );

  it('are left to the target, and no byte comes through the function', async () => {
    acr.fake.world.importing = 'at once';
    expect(await copy('1.0')).toMatchObject({ bytes: 0, streamed: null });
    expect(acr.fake.world.jobs).toHaveLength(1);
    expect(uploads()).toEqual([]);
  });

  it('are streamed where Azure refuses, and say what is missing', async () => {
    acr.fake.world.failNext(/importImage/, refuse(403, 'AuthorizationFailed', 'importImage/action'), 3);
    const { bytes, fetched, streamed } = await copy('2.0');
    expect(bytes).toBeGreaterThan(LAYER);
    expect(fetched).toBe(0);
    expect(streamed).toEqual({
      code: 'refused',
      reason: expect.stringMatching(/^the identity may not import at fabrikam/),
    });
    expect(acr.fake.world.jobs).toEqual([]);
    expect(uploads()).not.toEqual([]);
  });

  it('are streamed where the job fails in Azure', async () => {
    acr.fake.world.importing = 'fail';
    const { bytes, streamed } = await copy('3.0');
    expect(bytes).toBeGreaterThan(LAYER);
    expect(streamed).toMatchObject({ reason: expect.stringContaining('Unexpected length of body') });
    expect(acr.fake.world.jobs).toMatchObject([{ state: 'failed' }]);
    expect(uploads()).not.toEqual([]);
  });

  it('go out to a registry whose login is in a secret, and take up another one', async () => {
    const image = imageOfLayer(randomBytes(LAYER), '4.0');
    await pushToMemory(acr.registry, 'team/app', '4.0', image);
    const job = JSON.parse(importMessage({ name: 'out', repository: 'team/app', tag: '4.0' }));
    await expect(cloud.invoke(copyFunction, { op: 'plan', job })).rejects.toThrow(/\\"unauthorized\\"/);
    const SecretString = JSON.stringify({ username: 'ali', accessToken: 'open-sesame' });
    await secrets.send(new PutSecretValueCommand({ SecretId: 'locked', SecretString }));
    const execution = await executions.start('out', 'team/app', '4.0');
    expect(await executions.ended(execution)).toBe('SUCCEEDED');
    expect((await owner().resolveReferences('team/app', ['4.0'])).get('4.0')).toBe(image.digest);
  });

  it('come in from a registry whose login is in a secret, all that it has', async () => {
    const SecretString = JSON.stringify({ username: 'ali', accessToken: 'open-sesame' });
    await secrets.send(new PutSecretValueCommand({ SecretId: 'locked', SecretString }));
    const image = imageOfLayer(randomBytes(LAYER), '5.0');
    await pushToMemory(owner(), 'base/app', '5.0', image);
    await cloud.invoke(intakeFunction, JSON.parse(importMessage({ name: 'in' })));
    const held = () => acr.registry.resolveReferences('base/app', ['5.0']);
    expect(await until(async () => (await held()).get('5.0'), { timeout: 30_000 })).toBe(image.digest);
  });

  const owner = () =>
    openOciRegistry({
      host: locked.host,
      credentials: 'env:LOGIN',
      env: { LOGIN: 'ali:open-sesame' },
    });
});
