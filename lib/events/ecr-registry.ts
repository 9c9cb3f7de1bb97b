/** Region prefixes of the partitions whose hosts do not end in `amazonaws.com`. */
const SUFFIXES: readonly (readonly [prefix: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
];

/** The usual host of an account's registry in a Region: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
export function ecrRegistry(account: string, region: string): string {
  const [, suffix] = SUFFIXES.find(([prefix]) => region.startsWith(prefix)) ?? [];
  return `${account}.dkr.ecr.${region}.${suffix ?? 'amazonaws.com'}`;
}
