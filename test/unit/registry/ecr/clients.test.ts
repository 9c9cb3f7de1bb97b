import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ecrClients } from '../../../../lib/registry/ecr/clients.ts';
import { openEcrRegistry } from '../../../../lib/registry/ecr/open.ts';
import type { RequestLine } from '../../../../lib/registry/oci/exchange.ts';
import { EcrFault } from '../../../support/ecr-fake-world.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('the clients of ECR', () => {
  it('share connections and credentials, and differ in their patience', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const { patient, once } = ecrClients({ region: 'eu-west-1', credentials, attempts: 7 });
    expect(once.config.requestHandler).toBe(patient.config.requestHandler);
    expect(await patient.config.maxAttempts()).toBe(7);
    expect(await once.config.maxAttempts()).toBe(1);
    expect(await once.config.credentials()).toMatchObject(credentials);
  });

  it('tell of each request, those too that are sent again', async () => {
    const { open, fake } = await anEcr(after);
    const lines: RequestLine[] = [];
    fake.failNext('BatchGetImage', new EcrFault('ThrottlingException', 'slow down'));
    await open({ onRequest: line => lines.push(line) }).readManifests('app', ['1.0']);
    expect(lines).toMatchObject([
      { method: 'POST', status: 400, url: 'https://127.0.0.1/BatchGetImage' },
      { method: 'POST', status: 400, url: 'https://127.0.0.1/BatchGetImage' },
    ]);
  });

  it('are made once, however many calls come at the same time', async () => {
    const { fake } = await anEcr(after);
    let asked = 0;
    const credentials = async () => {
      asked += 1;
      return { accessKeyId: 'test', secretAccessKey: 'test' };
    };
    const { endpoint, region, account } = fake;
    const registry = openEcrRegistry({ endpoint, region, account, credentials });
    await Promise.all([1, 2, 3].map(n => registry.readManifests(`app${n}`, ['1.0'])));
    expect(asked).toBe(1);
  });

  it("leave the account out where it is the caller's own, and can be given ready made", async () => {
    const { fake } = await anEcr(after);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const clients = ecrClients({ endpoint: fake.endpoint, region: fake.region, credentials });
    await openEcrRegistry({ clients }).readManifests('app', ['1.0']);
    expect(fake.calls[0]!.input).not.toHaveProperty('registryId');
    await openEcrRegistry({ clients, registryId: '210987654321' }).readManifests('app', ['1.0']);
    expect(fake.calls[1]!.input).toHaveProperty('registryId', '210987654321');
  });

  it('take on a role where one is named', async () => {
    const { fake } = await anEcr(after);
    const bodies: string[] = [];
    const sts = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(body);
        const key = '<AccessKeyId>AKIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>';
        const ends = '<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>';
        const result = `<AssumeRoleResult><Credentials>${key}${ends}</Credentials></AssumeRoleResult>`;
        response.end(`<AssumeRoleResponse>${result}</AssumeRoleResponse>`);
      });
    });
    await new Promise<void>(resolve => sts.listen(0, '127.0.0.1', resolve));
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    after(async () => {
      process.env = before;
      sts.closeAllConnections();
      await new Promise(resolve => sts.close(resolve));
    });
    const roleArn = 'arn:aws:iam::123456789012:role/archweave';
    const { account, region, endpoint } = fake;
    const registry = openEcrRegistry({ account, region, endpoint, roleArn });
    await registry.readManifests('app', ['1.0']);
    await registry.readManifests('app', ['1.1']);
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain(encodeURIComponent(roleArn));
  });
});
