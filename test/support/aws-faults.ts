import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A refusal as AWS gives it: the class that the SDK names, and its status. */
export interface AwsFault {
  readonly name: string;
  readonly status: number;
  readonly message?: string;
}

export interface AwsFaults {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** The next calls of an operation (`GetItem`, `PutEvents`, `SendMessageBatch`) are refused so, and do nothing. */
  failNext(operation: string, fault: AwsFault, times: number): void;
  /** Forgets refusals that nobody met. */
  clear(): void;
  stop(): Promise<void>;
}

/** Stands before an emulated AWS and refuses some calls of the services that name them in `X-Amz-Target`. */
export async function startAwsFaults(behind: string): Promise<AwsFaults> {
  const faults = new Map<string, AwsFault[]>();
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1)!;
    const fault = faults.get(operation)?.shift();
    if (fault === undefined) forward(behind, request, response);
    else refuse(request, response, fault);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failNext(operation, fault, times) {
      faults.set(operation, [
        ...(faults.get(operation) ?? []),
        ...Array.from({ length: times }, () => fault),
      ]);
    },
    clear: () => faults.clear(),
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function forward(behind: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url } = request;
  const onward = send(new URL(url ?? '/', behind), { ...(method && { method }), headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { name, status, message }: AwsFault,
): void {
  request.resume().on('end', () => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: name, message: message ?? name }));
  });
}
