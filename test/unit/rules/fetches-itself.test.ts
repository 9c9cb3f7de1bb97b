import { describe, expect, it } from '@jest/globals';
import { fetchesItself } from '../../../lib/rules/fetches-itself.ts';

const contoso = { host: 'contoso.azurecr.io', resource: '/c', tenant: 'one' };
const fabrikam = { host: 'fabrikam.azurecr.io', resource: '/f', tenant: 'one' };
const between = (from: string, to: string) => [
  { from: { registry: from, pattern: '*' }, to: { registry: to, repository: '{repository}' } },
];
const there = between(contoso.host, fabrikam.host);

describe('fetchesItself', () => {
  it('is so between two whose resources are known', () => {
    expect(fetchesItself(there, [contoso, fabrikam])).toBe(true);
  });

  it('is not so from or to elsewhere, in another tenant, or without imports', () => {
    const lan = { host: 'lan.example' };
    expect(fetchesItself(between(lan.host, fabrikam.host), [contoso, fabrikam, lan])).toBe(false);
    expect(fetchesItself(between(contoso.host, lan.host), [contoso, fabrikam, lan])).toBe(false);
    expect(fetchesItself(between(contoso.host, 'unnamed.example'), [contoso, fabrikam])).toBe(false);
    expect(fetchesItself(there, [contoso, { ...fabrikam, tenant: 'two' }])).toBe(false);
    expect(fetchesItself([], [contoso, fabrikam])).toBe(false);
  });
});
