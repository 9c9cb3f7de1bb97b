import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pointedLogin } from '../../../../lib/cli/pointed-login.ts';
import { readSecret } from '../../../../lib/registry/secrets/read-secret.ts';

const ARN = 'arn:aws:secretsmanager:eu-north-1:123456789012:secret:hub-a1B2c3';

describe('a secret of Secrets Manager', () => {
  const asked: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  let answer = { status: 200, body: { SecretString: 'me:open-sesame' } as object };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push({ headers: request.headers, body });
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
  const before = { ...process.env };
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = `http://127.0.0.1:${port}`;
    process.env.AWS_ACCESS_KEY_ID = 'test';
    process.env.AWS_SECRET_ACCESS_KEY = 'test';
  });
  afterAll(async () => {
    process.env = before;
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  it('is read in the Region of its ARN', async () => {
    expect(await readSecret(ARN)).toBe('me:open-sesame');
    const [{ headers, body }] = asked as [(typeof asked)[0]];
    expect(headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(headers.authorization).toContain('/eu-north-1/secretsmanager/');
    expect(JSON.parse(body)).toEqual({ SecretId: ARN });
  });

  it('is where a pointer of archweave.yaml leads a command, and any other pointer is left to it', async () => {
    expect(pointedLogin('env:HUB')).toBe('env:HUB');
    const source = pointedLogin(`secretsmanager:${ARN}`);
    if (typeof source === 'string') throw new Error(source);
    expect((await source('docker.io')).login).toMatchObject({ username: 'me', password: 'open-sesame' });
  });

  it('that nobody may read is told as that', async () => {
    answer = { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } };
    const source = pointedLogin(`secretsmanager:${ARN}`);
    if (typeof source === 'string') throw new Error(source);
    await expect(source('docker.io')).rejects.toMatchObject({
      code: 'unauthorized',
      reason: expect.stringContaining('AccessDeniedException'),
      retryable: false,
    });
  });
});
