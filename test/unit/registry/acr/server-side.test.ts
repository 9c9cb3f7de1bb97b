import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { acrServerSide } from '../../../../lib/registry/acr/server-side.ts';

const digest = digestOf(Buffer.from('an image'));
const resource =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/fabrikam';

/** Nobody is logged in: what a token was asked for, and what came of it. */
async function askedAt(cloud: string) {
  const audiences: (string | undefined)[] = [];
  const source = `contoso.azurecr.${cloud}`;
  const serverSide = acrServerSide({
    host: `fabrikam.azurecr.${cloud}`,
    resource,
    sources: new Map([[source, resource.replace('fabrikam', 'contoso')]]),
    identity: async () => ({
      name: 'nobody',
      next: 'az login',
      async token({ audience }) {
        audiences.push(audience);
        return undefined;
      },
    }),
  });
  expect(serverSide.importsFrom(source)).toBe(true);
  expect(serverSide.importsFrom('another.azurecr.io')).toBe(false);
  const image = { host: source, repository: 'app', digest };
  return { audiences, result: await serverSide.importImage('m/app', image, { deadline: 10_000 }) };
}

describe('an import that ACR runs itself', () => {
  it.each([
    ['io', 'https://management.azure.com'],
    ['us', 'https://management.usgovcloudapi.net'],
    ['cn', 'https://management.chinacloudapi.cn'],
  ])("in azurecr.%s is asked for with a token for that cloud's Resource Manager", async (cloud, audience) => {
    expect((await askedAt(cloud)).audiences).toEqual([audience]);
  });

  it('is refused where nobody is logged in, before anything is sent', async () => {
    const { result } = await askedAt('io');
    expect(result).toMatchObject({
      kind: 'refused',
      begun: false,
      error: { code: 'unauthorized', reason: 'nobody is logged in to Azure', next: 'az login' },
    });
  });
});
