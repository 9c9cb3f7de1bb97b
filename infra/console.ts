import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Hosts of AWS's console where a partition has its own, by the beginning of its Regions. */
const HOSTS: readonly (readonly [prefix: string, host: string])[] = [
  ['cn-', 'console.amazonaws.cn'],
  ['us-gov-', 'console.amazonaws-us-gov.com'],
  ['eusc-', 'console.amazonaws.eu'],
];

/** An address in AWS's console, in the stack's Region. */
export function consoleUrl(scope: Construct, path: string): string {
  const { region } = Stack.of(scope);
  const known = Token.isUnresolved(region) ? '' : region;
  const [, host = 'console.aws.amazon.com'] = HOSTS.find(([prefix]) => known.startsWith(prefix)) ?? [];
  return `https://${region}.${host}/${path}`;
}
