import { ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr';
import type { RequestLine } from '../oci/exchange.ts';

/** The SDK's client twice, over the same connections and credentials. */
export interface EcrClients {
  /** Sends again what was throttled or failed: for reads, and for writes that say the same whenever they land. */
  readonly patient: ECRClient;
  /** Sends once: a write under a tag that is sent again may land late and undo somebody else's. */
  readonly once: ECRClient;
}

export interface EcrClientOptions {
  /** Left out: as the environment or the profile says. */
  readonly region?: string;
  readonly fips?: boolean;
  readonly dualStack?: boolean;
  /** A role to take on with the credentials of the default chain. */
  readonly roleArn?: string;
  /** Instead of the address of the Region; `AWS_ENDPOINT_URL_ECR` does the same. */
  readonly endpoint?: string;
  /** Instead of the SDK's default chain. */
  readonly credentials?: ECRClientConfig['credentials'];
  /** Milliseconds for one request with its answer; 30,000 by default. */
  readonly timeout?: number;
  /** How often a read is sent at most; 5 by default. */
  readonly attempts?: number;
  /** Hears of each request once it was answered. The address ends in the operation's name instead of a path. */
  readonly onRequest?: (line: RequestLine) => void;
}

/**
 * Clients that stay: they keep connections open and credentials until these end, so a program makes them once for
 * each Region. Nothing is sent, and no credentials are looked for, before the first call.
 */
export function ecrClients(options: EcrClientOptions): EcrClients {
  const { region, fips, dualStack, roleArn, endpoint, timeout = 30_000, attempts = 5, onRequest } = options;
  const credentials = options.credentials ?? (roleArn === undefined ? undefined : assumed(roleArn, region));
  const config: ECRClientConfig = {
    ...(region !== undefined && { region }),
    ...(fips && { useFipsEndpoint: true }),
    ...(dualStack && { useDualstackEndpoint: true }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
  const patient = new ECRClient({
    ...config,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: timeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  });
  const once = new ECRClient({
    ...config,
    maxAttempts: 1,
    requestHandler: patient.config.requestHandler,
    credentials: patient.config.credentials,
  });
  if (onRequest !== undefined) for (const client of [patient, once]) listen(client, onRequest);
  return { patient, once };
}

function listen(client: ECRClient, onRequest: (line: RequestLine) => void): void {
  client.middlewareStack.add(
    (next, context) => async args => {
      const since = performance.now();
      const answer = await next(args);
      const { hostname = 'ecr' } = args.request as { hostname?: string };
      const { statusCode = 0 } = answer.response as { statusCode?: number };
      const operation = (context.commandName ?? 'ECR').replace(/Command$/, '');
      const ms = performance.now() - since;
      onRequest({ method: 'POST', status: statusCode, ms, url: `https://${hostname}/${operation}` });
      return answer;
    },
    // Innermost: it sees every attempt, and answers that the client makes an error of.
    { step: 'deserialize', priority: 'low', name: 'archweaveRequestLine' },
  );
}

function assumed(roleArn: string, region: string | undefined): () => Promise<AssumedCredentials> {
  return async () => {
    const { assumeRole } = await import('./assume-role.ts');
    return assumeRole(roleArn, region);
  };
}

type AssumedCredentials = Awaited<ReturnType<typeof import('./assume-role.ts').assumeRole>>;
