import { describe, expect, it } from '@jest/globals';
import { ecrHost } from '../../../../lib/registry/ecr/ecr-host.ts';

describe('a host of ECR', () => {
  it.each([
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', false, false],
    ['123456789012.dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', false, false],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', false, false],
    ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', false, false],
    ['123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', false, false],
    ['123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', false, false],
    ['123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1', false, false],
    ['123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1', false, false],
    ['123456789012.dkr.ecr-fips.us-east-2.amazonaws.com', 'us-east-2', true, false],
    ['123456789012.dkr-ecr.ap-southeast-2.on.aws', 'ap-southeast-2', false, true],
    ['123456789012.dkr-ecr-fips.us-west-2.on.aws', 'us-west-2', true, true],
    ['123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn', 'cn-northwest-1', false, true],
  ])('is known: %s', (host, region, fips, dualStack) => {
    expect(ecrHost(host)).toEqual({ account: '123456789012', region, fips, dualStack });
    expect(ecrHost(host.toUpperCase())?.region).toBe(region);
  });

  it.each([
    'public.ecr.aws',
    'api.ecr.eu-west-1.amazonaws.com',
    '12345678901.dkr.ecr.eu-west-1.amazonaws.com',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com:443',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example',
    '123456789012.dkr.ecr.eu-west-1.on.aws',
    '123456789012.dkr-ecr.eu-west-1.amazonaws.com',
    '123456789012.dkr.ecr.evil.example.amazonaws.com',
    'contoso.azurecr.io',
    'ecr',
  ])('is not every host that looks like one: %s', host => expect(ecrHost(host)).toBeUndefined());
});
