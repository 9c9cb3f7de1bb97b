import { ecrRegion, registryKind } from '../rules/registry-identity.ts';

/** Dollars for moving bytes out of a registry, as far as they are known. */
export type EgressCost =
  | { readonly kind: 'known'; readonly low: number; readonly high: number; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Dollars a GB (10^9 bytes) at list price, the first step of the scale, free amounts not counted.
 * AWS: https://aws.amazon.com/ec2/pricing/on-demand/ (Data Transfer), Azure:
 * https://azure.microsoft.com/pricing/details/bandwidth/ (Internet egress from Europe and North America); both as of
 * 2026-11. Neither asks anything for bytes that come in.
 */
const AWS_OUT = 0.09;
const AWS_BETWEEN_REGIONS = 0.02;
const AZURE_OUT = 0.087;

/**
 * What the source's cloud asks for these bytes. They go through the machine that copies, so that it matters where
 * that is; the least is for one next to the source.
 */
export function egressCost(from: string, to: string, bytes: number): EgressCost {
  const gigabytes = bytes / 1e9;
  const known = (low: number, high: number, why: string): EgressCost => ({
    kind: 'known',
    low: low * gigabytes,
    high: high * gigabytes,
    why,
  });
  switch (registryKind(from)) {
    case 'ecr': {
      const [region, other] = [ecrRegion(from), ecrRegion(to)];
      if (registryKind(to) !== 'ecr') return known(AWS_OUT, AWS_OUT, `AWS asks $${AWS_OUT} a GB`);
      if (region === undefined || other === undefined) {
        return known(0, AWS_OUT, `nothing within a Region, $${AWS_OUT} a GB out of AWS`);
      }
      return region === other
        ? known(0, AWS_OUT, `nothing if this runs in ${region}, $${AWS_OUT} a GB elsewhere`)
        : known(
            AWS_BETWEEN_REGIONS,
            AWS_OUT,
            `$${AWS_BETWEEN_REGIONS} a GB if this runs in AWS, $${AWS_OUT} elsewhere`,
          );
    }
    case 'acr':
      return registryKind(to) === 'acr'
        ? known(0, AZURE_OUT, `nothing if this runs in the source's region, $${AZURE_OUT} a GB out of Azure`)
        : known(AZURE_OUT, AZURE_OUT, `Azure asks $${AZURE_OUT} a GB`);
    case 'docker-hub':
      return known(0, 0, 'Docker Hub asks nothing for bytes, and counts pulls');
    case 'this-machine':
      return known(0, 0, 'the source is this machine');
    case 'other':
      return { kind: 'unknown', why: `what ${from} costs is not known here` };
  }
}
