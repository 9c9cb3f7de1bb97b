import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StsFake {
  /** For `AWS_ENDPOINT_URL_STS`. */
  readonly endpoint: string;
  readonly issuer: string;
  /** Who is said to ask. */
  subject: string;
  /** Every form that was sent so far. */
  readonly calls: URLSearchParams[];
  /** The next calls are refused so. */
  failNext(status: number, code: string, message: string, times?: number): void;
  stop(): Promise<void>;
}

/** As much of STS as vouches for a role outside of AWS; it answers to nothing else. */
export async function startStsFake(): Promise<StsFake> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const faults: { readonly status: number; readonly code: string; readonly message: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    fake.calls.push(form);
    const fault = faults.shift() ?? wrongForm(form);
    response.writeHead(fault?.status ?? 200, { 'content-type': 'text/xml' });
    if (fault !== undefined) return void response.end(refusal(fault.code, fault.message));
    const iat = Math.floor(Date.now() / 1000);
    const exp = iat + Number(form.get('DurationSeconds'));
    const claims = { iss: fake.issuer, sub: fake.subject, aud: form.get('Audience.member.1'), iat, exp };
    const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: '1' })}.${encoded(claims)}`;
    const signature = sign('sha256', Buffer.from(text), privateKey).toString('base64url');
    response.end(token(`${text}.${signature}`, new Date(exp * 1000).toISOString()));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const fake: StsFake = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issuer: 'https://11111111-aaaa-4aaa-8aaa-111111111111.tokens.sts.global.api.aws',
    subject: 'arn:aws:iam::123456789012:role/archweave-eu-west-1-assemble',
    calls: [],
    failNext(status, code, message, times = 1) {
      for (let at = 0; at < times; at++) faults.push({ status, code, message });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return fake;
}

/** For the SDK and for child processes: any credentials, and the fake in the place of STS. */
export function stsFakeEnv({ endpoint }: Pick<StsFake, 'endpoint'>) {
  return {
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

function wrongForm(form: URLSearchParams) {
  const wrong = (message: string) => ({ status: 400, code: 'ValidationError', message });
  if (form.get('Action') !== 'GetWebIdentityToken') return wrong(`no ${form.get('Action')} in the fake`);
  if (form.get('SigningAlgorithm') !== 'RS256') return wrong('Entra takes RS256 only');
  const seconds = Number(form.get('DurationSeconds'));
  return seconds >= 60 && seconds <= 3600 ? undefined : wrong('DurationSeconds is out of its range');
}

function token(text: string, expiration: string): string {
  const result = `<GetWebIdentityTokenResult><WebIdentityToken>${text}</WebIdentityToken><Expiration>${expiration}</Expiration></GetWebIdentityTokenResult>`;
  return `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</GetWebIdentityTokenResponse>`;
}

function refusal(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
