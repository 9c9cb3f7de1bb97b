import { describe, expect, it } from '@jest/globals';
import { acrHost } from '../../../../lib/registry/acr/acr-host.ts';

describe('acrHost', () => {
  it.each([
    [
      'contoso.azurecr.io',
      'login.microsoftonline.com',
      'containerregistry.azure.net',
      'management.azure.com',
    ],
    [
      'Contoso.AzureCR.io',
      'login.microsoftonline.com',
      'containerregistry.azure.net',
      'management.azure.com',
    ],
    [
      'contoso-a1b2c3d4.azurecr.io',
      'login.microsoftonline.com',
      'containerregistry.azure.net',
      'management.azure.com',
    ],
    [
      'contoso.westeurope.geo.azurecr.io',
      'login.microsoftonline.com',
      'containerregistry.azure.net',
      'management.azure.com',
    ],
    [
      'contoso.azurecr.us',
      'login.microsoftonline.us',
      'management.usgovcloudapi.net',
      'management.usgovcloudapi.net',
    ],
    [
      'contoso.azurecr.cn',
      'login.chinacloudapi.cn',
      'management.chinacloudapi.cn',
      'management.chinacloudapi.cn',
    ],
  ])('knows where identities of %s log in, and what for', (host, authority, audience, resourceManager) => {
    expect(acrHost(host)).toEqual({
      authority: `https://${authority}`,
      audience: `https://${audience}`,
      resourceManager: `https://${resourceManager}`,
    });
  });

  it.each([
    'azurecr.io',
    'contoso.azurecr.io:443',
    'contoso.azurecr.io.evil.example',
    'evil.example/contoso.azurecr.io',
    'a.b.azurecr.io',
    '-.azurecr.io',
    'mcr.microsoft.com',
  ])('takes %s for somebody else', host => {
    expect(acrHost(host)).toBeUndefined();
  });
});
