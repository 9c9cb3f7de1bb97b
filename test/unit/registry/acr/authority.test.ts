import { describe, expect, it } from '@jest/globals';
import { acrHost } from '../../../../lib/registry/acr/acr-host.ts';
import { authorityOf } from '../../../../lib/registry/acr/authority.ts';

const CLOUD = acrHost('contoso.azurecr.us')!;

describe('where an identity logs in', () => {
  it("is its registry's cloud, which the SDK knows", () => {
    expect(authorityOf(CLOUD, {})).toEqual({
      authority: 'https://login.microsoftonline.us',
      authorityHost: 'https://login.microsoftonline.us',
      disableInstanceDiscovery: false,
    });
  });

  it.each([
    ['login.microsoftonline.com', 'https://login.microsoftonline.com', false],
    ['https://login.chinacloudapi.cn/', 'https://login.chinacloudapi.cn', false],
    ['https://login.azurestack.example', 'https://login.azurestack.example', true],
  ])('is %s where the environment says so', (said, authority, unknown) => {
    expect(authorityOf(CLOUD, { AZURE_AUTHORITY_HOST: said })).toMatchObject({
      authority,
      disableInstanceDiscovery: unknown,
    });
  });
});
