import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Storage } from '../../lib/server/storage/storage.ts';
import { newStorage } from '../unit/server/registry/embedded-fixture.ts';
import { IMAGE_OPERATIONS } from './ecr-fake-images.ts';
import { LAYER_OPERATIONS, serveLayer } from './ecr-fake-layers.ts';
import { REPOSITORY_OPERATIONS } from './ecr-fake-repositories.ts';
import { EcrFault, type EcrInput, EcrWorld } from './ecr-fake-world.ts';

export interface EcrCall {
  readonly operation: string;
  readonly input: EcrInput;
}

/** The parts of answers that tests change. */
export interface EcrAnswer {
  readonly images?: readonly {
    readonly imageId: { readonly imageDigest: string };
    readonly imageManifest: string;
  }[];
  readonly [more: string]: unknown;
}

export interface EcrFake {
  /** For `AWS_ENDPOINT_URL_ECR`, or a client's `endpoint`. */
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** What it stores into; its `listen` hears of every push, as EventBridge does. */
  readonly storage: Storage;
  readonly world: EcrWorld;
  /** Every call so far, in order. */
  readonly calls: EcrCall[];
  /** The next calls of an operation fail so; `hang` is never answered, `drop` breaks the connection. */
  failNext(operation: string, how: EcrFault | 'hang' | 'drop' | 'page', times?: number): void;
  /** No call fails any more that has not failed yet. */
  failNoMore(): void;
  /** Runs before each call is carried out, to make a race. */
  before: (call: EcrCall) => void | Promise<void>;
  /** May change each answer, to make one that ECR should not give. */
  amend: (call: EcrCall, answer: EcrAnswer) => object;
  /** The caller's policy stops allowing these operations. */
  deny(...operations: readonly string[]): void;
  stop(): Promise<void>;
}

export interface EcrFakeOptions {
  readonly account?: string;
  readonly region?: string;
  /** As a repository creation template for pushes has it. */
  readonly createOnPush?: boolean;
  readonly now?: () => number;
}

const OPERATIONS = { ...IMAGE_OPERATIONS, ...LAYER_OPERATIONS, ...REPOSITORY_OPERATIONS };
const TARGET = 'AmazonEC2ContainerRegistry_V20150921.';

/**
 * A registry of ECR for tests: its JSON API over the embedded registry's storage, with the answers and refusals that
 * AWS documents. What it does is listed in test/contract/ecr-fake.test.ts; an operation that it does not know fails.
 */
export async function startEcrFake(options: EcrFakeOptions = {}): Promise<EcrFake> {
  const { account = '123456789012', region = 'eu-west-1', createOnPush = false, now = Date.now } = options;
  const fixture = await newStorage(now);
  const { storage } = fixture;
  const world = new EcrWorld({ storage, account, region, createOnPush, now });
  const faults = new Map<string, (EcrFault | 'hang' | 'drop' | 'page')[]>();
  const denied = new Set<string>();
  const calls: EcrCall[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(error => send(response, error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') return serveLayer(world, request, response);
    const operation = String(request.headers['x-amz-target'] ?? '').replace(TARGET, '');
    const input = JSON.parse((await bodyOf(request)).toString()) as EcrInput;
    const call = { operation, input };
    calls.push(call);
    if (!/^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\//.test(request.headers.authorization ?? ''))
      throw new EcrFault('MissingAuthenticationTokenException', 'Missing Authentication Token');
    const fault = faults.get(operation)?.shift();
    if (fault === 'hang') return;
    if (fault === 'drop') return void request.socket.destroy();
    if (fault === 'page') return void response.writeHead(502).end('<html>Bad gateway</html>');
    if (fault !== undefined) throw fault;
    if (denied.has(operation)) throw accessDenied(operation, account, region, input.repositoryName);
    await fake.before(call);
    const carryOut = OPERATIONS[operation];
    if (carryOut === undefined)
      throw new EcrFault('UnknownOperationException', `no ${operation} in the fake`);
    const { registryId = account } = input as { readonly registryId?: string };
    if (registryId !== account)
      throw new EcrFault('RepositoryNotFoundException', `no registry with id '${registryId}'`);
    send(response, fake.amend(call, (await carryOut(world, input)) as EcrAnswer));
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  world.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: EcrFake = {
    endpoint: world.endpoint,
    account,
    region,
    storage,
    world,
    calls,
    before: () => {},
    amend: (_, answer) => answer,
    failNext(operation, how, times = 1) {
      const queued = faults.get(operation) ?? [];
      faults.set(operation, [...queued, ...Array.from({ length: times }, () => how)]);
    },
    failNoMore: () => faults.clear(),
    deny(...operations) {
      for (const operation of operations) denied.add(operation);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await fixture.stop();
    },
  };
  return fake;
}

/** For the SDK and for child processes: any credentials, and the fake in ECR's place. */
export function ecrFakeEnv({ endpoint, region }: Pick<EcrFake, 'endpoint' | 'region'>) {
  return {
    AWS_ENDPOINT_URL_ECR: endpoint,
    // Nothing listens there: no other service is part of the fake, and none of AWS's is to be asked.
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function accessDenied(operation: string, account: string, region: string, repository = '*'): EcrFault {
  const who = `arn:aws:sts::${account}:assumed-role/tests/session`;
  const what = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
  return new EcrFault(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: ecr:${operation} on resource: ${what} because no identity-based policy allows the ecr:${operation} action`,
  );
}

function send(response: ServerResponse, value: object): void {
  if (response.headersSent) return void response.destroy();
  const type = { 'content-type': 'application/x-amz-json-1.1' };
  if (!(value instanceof Error)) return void response.writeHead(200, type).end(JSON.stringify(value));
  const fault =
    value instanceof EcrFault ? value : new EcrFault('ServerException', value.stack ?? value.message);
  const body = JSON.stringify({ __type: fault.name, message: fault.message, ...fault.more });
  response.writeHead(fault.status, type).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
