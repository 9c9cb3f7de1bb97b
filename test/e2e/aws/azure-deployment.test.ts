import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openFakeAcr } from '../../support/acr-fake-client.ts';
import { type Cloud, linuxImage, startCloud } from '../../support/deployed-stack.ts';
import { until } from '../../support/e2e-run.ts';
import { eventFixture, spoiltEvent } from '../../support/event-fixture.ts';
import { pushToMemory } from '../../support/push-to-memory.ts';
import { shellBlocks } from '../../support/shell-blocks.ts';
import { describeWith, PROJECT_ROOT } from '../../support/tools.ts';

const [DEPLOY] = shellBlocks(readFileSync(join(PROJECT_ROOT, 'docs', 'aws.md'), 'utf8'));
const SECRETS = { contoso: 'the-secret-of-contoso-0123456789', grid: 'the-secret-of-grid-0123456789' };

/** The HTTP API as it is deployed, with its authorizer and its cache, and what is behind it up to the index. */
describeWith(['python3'], 'the way in of a deployment on an emulated AWS', () => {
  let cloud: Cloud;
  let acr: Awaited<ReturnType<typeof openFakeAcr>>;
  let address: string;
  let hook: string;

  beforeAll(async () => {
    acr = await openFakeAcr();
    cloud = await startCloud('aws-azure', '');
    const { url: endpoint, region, account } = cloud.ministack;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const secrets = new SecretsManagerClient({ endpoint, region, credentials });
    const SecretString = JSON.stringify(SECRETS);
    const { ARN } = await secrets.send(new CreateSecretCommand({ Name: 'hooks', SecretString }));
    secrets.destroy();
    const { tenant, clientId } = acr.fake.world;
    const as = `tenant: ${tenant}, clientId: ${clientId}, hook: "secretsmanager:${ARN}"`;
    writeFileSync(
      join(cloud.clone, 'archweave.yaml'),
      `registries:
  contoso: { host: contoso.azurecr.io, ${as}, events: webhook }
  grid: { host: grid.azurecr.io, ${as}, events: event-grid }
indexes:
  - repositories: [contoso/team/*, grid/grid/*]
    platforms: [linux/amd64, linux/arm64]
`,
    );
    for (const line of DEPLOY!.filter(one => one !== 'npm ci')) {
      const { rc, out, err } = await cloud.shell(line);
      if (rc !== 0) throw new Error(`${line}: exit ${rc}\n${out}${err}\n${cloud.ministack.log()}`);
    }
    const { lambda, cloudFormation } = cloud.clients;
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'Archweave' }));
    const output = Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'Hooks')!.OutputValue!;
    const [, id] = /^https?:\/\/([a-z0-9]+)\.execute-api\..*\/hooks\/NAME$/.exec(output)!;
    address = `${endpoint}/_aws/execute-api/${id}/$default/hooks`;
    // The fake stands in for Azure's names; what else there is on the way is as it was deployed.
    const { assemble: FunctionName } = await cloud.deployment();
    hook = FunctionName.replace(/assemble$/, 'hook');
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment!.Variables, ...acr.fake.env, AZURE_CLIENT_SECRET: '' };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    for (const subject of [`arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:role/${FunctionName}`])
      acr.fake.world.federated.push({ issuer: 'https://sts.amazonaws.com', subject });
  }, 240_000);
  afterAll(async () => {
    await cloud?.stop();
    await acr?.stop();
  });

  const send = (name: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${address}/${name}`, {
      method: 'POST',
      body: Buffer.from(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const showing = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const image = (architecture: string) => linuxImage(architecture, { build: 'one' });
  const pushed = (architecture: string) =>
    spoiltEvent('acr-push', event => {
      event.id = `pushed-${architecture}`;
      event.request.host = 'evil.example';
      const { digest } = image(architecture);
      Object.assign(event.target, { repository: 'team/app', tag: `1.0-${architecture}`, digest });
    });

  it('makes an index of two webhooks', async () => {
    for (const architecture of ['amd64', 'arm64'])
      await pushToMemory(acr.registry, 'team/app', `1.0-${architecture}`, image(architecture));
    for (const architecture of ['amd64', 'arm64']) {
      const answer = await send('contoso', pushed(architecture), showing(SECRETS.contoso));
      expect([answer.status, await answer.json()]).toEqual([202, { accepted: 1, ignored: 0 }]);
    }
    const held = () => acr.registry.resolveReferences('team/app', ['1.0']).then(tags => tags.get('1.0'));
    expect(await until(held, { timeout: 30_000 })).toBeDefined();
    expect(acr.fake.world.strangers).toEqual([]);
  }, 60_000);

  it('answers 401 where nothing is shown and 403 to a wrong secret; one secret does not open two hooks', async () => {
    expect((await send('contoso', pushed('amd64'))).status).toBe(401);
    expect((await send('contoso', pushed('amd64'), showing(`${SECRETS.contoso}x`))).status).toBe(403);
    // API Gateway has kept its "yes" to this header by now, whichever route it was for.
    for (const [name, secret] of [
      ['grid', SECRETS.contoso],
      ['contoso', SECRETS.grid],
    ] as const)
      expect((await send(name, pushed('amd64'), showing(secret))).status).toBe(401);
    expect((await send('nobody', pushed('amd64'), showing(SECRETS.contoso))).status).toBe(404);
  });

  it('shakes hands with Event Grid', async () => {
    const kind = { 'aeg-event-type': 'SubscriptionValidation', ...showing(SECRETS.grid) };
    const answer = await send('grid', eventFixture('event-grid-validation'), kind);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
    ]);
    // The emulator answers every OPTIONS itself, where API Gateway asks the function of the route.
    const asked = await cloud.invoke(hook, {
      rawPath: '/hooks/grid',
      headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
      isBase64Encoded: false,
      requestContext: { http: { method: 'OPTIONS' } },
    });
    expect(asked).toMatchObject({
      statusCode: 200,
      headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' },
    });
  });
});
