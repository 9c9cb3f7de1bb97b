/** An ECR registry as its host names it. */
export interface EcrHost {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Through the endpoints that FIPS 140 asks for. */
  readonly fips: boolean;
  /** Through the endpoints that have IPv6 addresses too. */
  readonly dualStack: boolean;
}

const ACCOUNT = '(?<account>\\d{12})';
const REGION = '(?<region>[a-z]{2,}(?:-[a-z]+)+-\\d{1,2})';

/** One suffix a partition: the world and GovCloud, China, the European Sovereign Cloud, the isolated ones. */
const CLASSIC = [
  'amazonaws\\.com',
  'amazonaws\\.com\\.cn',
  'amazonaws\\.eu',
  'c2s\\.ic\\.gov',
  'sc2s\\.sgov\\.gov',
  'cloud\\.adc-e\\.uk',
  'csp\\.hci\\.ic\\.gov',
];
const DUAL_STACK = ['on\\.aws', 'on\\.amazonwebservices\\.com\\.cn', 'on\\.amazonwebservices\\.eu'];

const HOSTS = [
  new RegExp(`^${ACCOUNT}\\.dkr\\.ecr(?<fips>-fips)?\\.${REGION}\\.(?:${CLASSIC.join('|')})$`),
  new RegExp(`^${ACCOUNT}\\.(?<dualStack>dkr-ecr)(?<fips>-fips)?\\.${REGION}\\.(?:${DUAL_STACK.join('|')})$`),
];

/**
 * Account and Region of a host of ECR, in every partition and spelling; undefined for any other host, a port
 * included. public.ecr.aws is another service, which speaks the distribution API only.
 */
export function ecrHost(host: string): EcrHost | undefined {
  for (const pattern of HOSTS) {
    const found = pattern.exec(host.toLowerCase())?.groups;
    if (found === undefined) continue;
    return {
      account: found.account!,
      region: found.region!,
      fips: found.fips !== undefined,
      dualStack: found.dualStack !== undefined,
    };
  }
  return undefined;
}
