import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsError } from './aws-error.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';

export interface Caller {
  /** Where the SDK found the credentials, as people call it: `the environment`, `AWS profile "ci"`. */
  readonly source: string;
  /** Left out where STS does not say. */
  readonly arn?: string;
}

/** By the SDK's notes on where credentials come from; it writes down every step of a chain. */
const SOURCES: readonly (readonly [RegExp, (profile: string) => string])[] = [
  [/SSO/, profile => `AWS profile "${profile}" (SSO)`],
  [/PROFILE/, profile => `AWS profile "${profile}"`],
  [/ENV_VARS$/, () => 'the environment'],
  [/WEB_ID/, () => 'a web identity'],
  [/HTTP/, () => 'the container'],
  [/IMDS/, () => 'the instance'],
  [/PROCESS/, () => 'a credential process'],
];

/** Who asks AWS, and by which credentials. Throws `unauthorized` where there are none, or none that AWS takes. */
export async function awsCaller(
  access: AwsAccess,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Caller> {
  const client = new STSClient(clientSettings(access));
  const asked = { attempt: 'ask AWS who you are', action: 'sts:GetCallerIdentity' };
  try {
    const found = (await client.config.credentials()) as {
      readonly $source?: Readonly<Record<string, string>>;
    };
    const source = sourceOf(Object.keys(found.$source ?? {}), env.AWS_PROFILE ?? 'default');
    const { Arn: arn } = await client.send(new GetCallerIdentityCommand({})).catch(error => {
      const told = awsError(error, asked);
      // STS may be out of reach where ECR is not; what it says of the credentials counts.
      if (told.code === 'unauthorized') throw told;
      return {} as { readonly Arn?: string };
    });
    return { source, ...(arn !== undefined && { arn }) };
  } catch (error) {
    throw awsError(error, asked);
  } finally {
    client.destroy();
  }
}

function sourceOf(notes: readonly string[], profile: string): string {
  const found = SOURCES.find(([pattern]) => notes.some(note => pattern.test(note)));
  return found === undefined ? "the AWS SDK's chain" : found[1](profile);
}
