import { ClientAssertionCredential } from '@azure/identity';
import { isArchweaveError } from '../../errors.ts';
import { PATIENT, type RetryPolicy } from '../oci/retry.ts';
import type { AcrHost } from './acr-host.ts';
import { authorityOf } from './authority.ts';
import { type Assertion, AUDIENCE, awsAssertions } from './aws-assertion.ts';
import type { AzureIdentity, Proving } from './azure-identity.ts';
import { entraError } from './entra-error.ts';

export interface FederatedIdentityOptions {
  readonly cloud: AcrHost;
  readonly tenant: string;
  /** Of the application or managed identity whose federated credential names the AWS role. */
  readonly clientId: string;
  /** AWS Region whose STS is asked; as the environment says where left out. */
  readonly region?: string;
  readonly retry?: Partial<Pick<RetryPolicy, 'tries' | 'base' | 'sleep'>>;
}

/** A credential that was made just now is known to Entra after minutes; a function waits for seconds of them. */
const A_FEW = { tries: 3, base: 1000 };

/**
 * The role that this runs as in AWS, as an identity of Entra: AWS vouches for it with a token that lasts minutes, and
 * nothing secret is stored anywhere. Entra's own tokens are kept by the SDK until they end.
 */
export function federatedIdentity(options: FederatedIdentityOptions): AzureIdentity {
  const { cloud, tenant, clientId, region } = options;
  const { authority, ...authorityOptions } = authorityOf(cloud);
  const assertions = awsAssertions(region === undefined ? {} : { region });
  let shown: Assertion | undefined;
  const credential = new ClientAssertionCredential(
    tenant,
    clientId,
    async () => shown?.text ?? '',
    authorityOptions,
  );
  const name = `the AWS role as ${clientId} of tenant ${tenant}`;
  const next = 'archweave azure bicep prints what Azure has to know of this role';
  const { tries, base, sleep } = { ...PATIENT, ...A_FEW, ...options.retry };

  async function once({ attempt, signal, audience = cloud.audience }: Proving): Promise<string> {
    // Before the SDK asks for it: that would tell a refusal of AWS as one of its own.
    shown = await assertions(attempt);
    try {
      const token = await credential.getToken(`${audience}/.default`, {
        ...(signal !== undefined && { abortSignal: signal }),
      });
      return token.token;
    } catch (error) {
      const assertion = { ...shown, audience: AUDIENCE };
      const asked = { attempt, authority, tenant, clientId, name, next, assertion };
      throw entraError(error, asked, signal);
    }
  }

  return {
    name,
    next,
    async token(proving) {
      for (let tried = 1; ; tried++) {
        try {
          return await once(proving);
        } catch (error) {
          const patient = isArchweaveError(error) && error.retryable && error.code === 'unauthorized';
          if (!patient || tried >= tries) throw error;
          await sleep(base * tried, proving.signal).catch(() => {});
        }
      }
    },
  };
}
