import { acknowledge } from './acknowledge.ts';
import type { DeployedFunction } from './deployed-function.ts';

/** What Entra expects to be named in the proof. */
const AUDIENCE = 'api://AzureADTokenExchange';

/**
 * Lets AWS vouch for a function's role to Entra and to nobody else, for five minutes at most. No secret is stored
 * anywhere: Entra trusts the role by its name.
 */
export function letAwsVouchFor(one: DeployedFunction, { readsOnly = false } = {}): void {
  if (readsOnly) one.addEnvironment('ARCHWEAVE_READS_ONLY', 'true');
  one.may({
    actions: ['sts:GetWebIdentityToken'],
    resources: ['*'],
    conditions: {
      // Of all values of a request that names none, everything is true.
      'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [AUDIENCE] },
      Null: { 'sts:IdentityTokenAudience': 'false' },
      StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
      NumericLessThanEquals: { 'sts:DurationSeconds': 300 },
    },
  });
  acknowledge(one.role!, {
    'AwsSolutions-IAM5[Resource::*]':
      'sts:GetWebIdentityToken takes no other resource; the conditions allow one audience, one algorithm, five minutes.',
  });
}
