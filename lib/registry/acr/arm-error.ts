import { ArchweaveError, type ErrorFacts } from '../../errors.ts';
import { oneLine } from '../oci/describe.ts';
import { networkError } from '../oci/network-error.ts';
import { bareError } from './bare-error.ts';

/** The built-in role that lets an identity import into a registry, and read what it imports from another. */
export const IMPORTER = 'Container Registry Data Importer and Data Reader';

export interface AskedArm {
  readonly attempt: string;
  /** The registry that was to import, and the one that it was to import from. */
  readonly host: string;
  readonly source: string;
  readonly resource: string;
  readonly endpoint: string;
  readonly tried: string;
}

/** As much of the Azure SDK's errors as is looked at. */
interface Said {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/** What a refusal or failure of Azure Resource Manager means. */
export function armError(failure: unknown, asked: AskedArm): ArchweaveError {
  const { attempt, resource, endpoint, tried } = asked;
  const url = new URL(`${resource}/importImage`, endpoint);
  const { statusCode, code, message } = failure as Said;
  const bare = bareError(failure);
  const isNetwork = typeof statusCode !== 'number' && typeof code === 'string' && /^[A-Z_]+$/.test(code);
  if (isNetwork) return networkError(bare, { attempt, method: 'POST', url });
  const status = typeof statusCode === 'number' ? statusCode : undefined;
  const name = typeof code === 'string' ? code : '';
  const said = oneLine(typeof message === 'string' && message !== '' ? message : name);
  return new ArchweaveError({
    attempt,
    where: `POST ${url.origin}${url.pathname} -> ${[status ?? 'failed', name].join(' ').trim()}`,
    side: 'target',
    ...(status !== undefined && { status }),
    tried,
    cause: bare,
    ...meaningOf(status, name, said, asked),
  });
}

function meaningOf(
  status: number | undefined,
  code: string,
  said: string,
  { host, source, resource }: AskedArm,
): Omit<ErrorFacts, 'attempt'> {
  if (status === 401)
    return { code: 'unauthorized', reason: `Azure Resource Manager does not let it in (${said})` };
  if (status === 403) {
    // Said where what is lacking is a right at the registry that the request only refers to.
    const where = /^LinkedAuthorization/.test(code) ? source : host;
    const next = `give it "${IMPORTER}" at ${source} and at ${host}`;
    return { code: 'forbidden', reason: `the identity may not import at ${where}`, next };
  }
  if (status === 404) {
    const next = `is "resource" in archweave.yaml right? ${resource}`;
    return { code: 'not-found', reason: `Azure knows no such registry (${said})`, next };
  }
  if (status === 429) return { code: 'throttled', retryable: true };
  const reason = said === '' ? 'the import failed' : `the import failed (${said})`;
  return { code: 'registry-failed', reason, retryable: status === undefined || status >= 500 };
}
