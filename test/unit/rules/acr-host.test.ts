import { describe, expect, it } from '@jest/globals';
import { isAcrHost } from '../../../lib/rules/acr-host.ts';

describe('isAcrHost', () => {
  it.each(['contoso.azurecr.io', 'contoso-a1b2.azurecr.io', '7.azurecr.cn', 'contoso.azurecr.us'])(
    'takes %s for a registry in Azure',
    host => {
      expect(isAcrHost(host)).toBe(true);
    },
  );

  it.each([
    'azurecr.io',
    '.azurecr.io',
    'a.b.azurecr.io',
    'contoso.azurecr.io:443',
    'contoso.azurecr.io.example',
    'contoso.azurecr.de',
    'contosoXazurecr.io',
    'contoso.azurecrXio',
    'Contoso.azurecr.io',
    'example/contoso.azurecr.io',
  ])('takes %s for another one', host => {
    expect(isAcrHost(host)).toBe(false);
  });
});
