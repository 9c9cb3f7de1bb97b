import { describe, expect, it } from '@jest/globals';
import { egressCost } from '../../../lib/import/egress-cost.ts';

const IRELAND = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const VIRGINIA = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const OTHER_IRELAND = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const GB = 1e9;

describe('what egress costs', () => {
  it.each([
    [IRELAND, 'contoso.azurecr.io', 0.09, 0.09],
    [IRELAND, OTHER_IRELAND, 0, 0.09],
    [IRELAND, VIRGINIA, 0.02, 0.09],
    [IRELAND, 'ecr', 0, 0.09],
    ['contoso.azurecr.io', IRELAND, 0.087, 0.087],
    ['contoso.azurecr.io', 'fabrikam.azurecr.io', 0, 0.087],
    ['docker.io', IRELAND, 0, 0],
    ['127.0.0.1:5100', IRELAND, 0, 0],
  ])('from %s to %s is %d to %d dollars a GB', (from, to, low, high) => {
    expect(egressCost(from, to, 10 * GB)).toMatchObject({ kind: 'known', low: low * 10, high: high * 10 });
  });

  it('is unknown where nobody knows it', () => {
    expect(egressCost('registry.lan', IRELAND, GB)).toEqual({
      kind: 'unknown',
      why: 'what registry.lan costs is not known here',
    });
  });
});
