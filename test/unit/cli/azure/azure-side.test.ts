import { describe, expect, it } from '@jest/globals';
import { azureSide } from '../../../../lib/cli/azure/azure-side.ts';
import { loadConfig } from '../../../../lib/rules/load.ts';

const sideOf = (imports: string, abac = false) => {
  const yaml = `registries:
  prod: ecr
  contoso: contoso.azurecr.io
indexes:
  - { repositories: [contoso/web/*], platforms: [linux/amd64, linux/arm64] }
${imports}`;
  const { config, findings } = loadConfig(yaml, { file: 'archweave.yaml' });
  if (config === undefined) throw new Error(JSON.stringify(findings));
  const place = { account: '123456789012', region: 'eu-west-1', name: 'archweave' };
  return azureSide(config, { ...place, registry: 'contoso', serve: false, abac });
};
const trusted = (imports: string) =>
  sideOf(imports).identities.map(({ part, awsRoles }) => [part, ...awsRoles.map(({ name }) => name)]);

describe('the roles', () => {
  const resource = (name: string) =>
    `resource: /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/${name}`;
  const rolesOf = (from: string, serve: boolean, abac = false) => {
    const { config, findings } = loadConfig(
      `registries:
  prod: ecr
  plain: plainone.azurecr.io
  contoso: { host: contoso.azurecr.io, ${resource('contoso')} }
  fabrikam: { host: fabrikam.azurecr.io, ${resource('fabrikam')} }
imports:
  - { name: to, from: ${from}/team/*, to: "contoso/m/{repository}", when: pushed }`,
      { file: 'archweave.yaml' },
    );
    if (config === undefined) throw new Error(JSON.stringify(findings));
    const place = { account: '123456789012', region: 'eu-west-1', name: 'archweave' };
    const side = azureSide(config, { ...place, registry: 'contoso', serve, abac });
    return side.identities.map(({ part, roles }) => [part, ...roles.map(({ name }) => name)]);
  };
  const IMPORTER = 'Container Registry Data Importer and Data Reader';

  it('have that to import, where the registry fetches images of another one by itself', () => {
    expect(rolesOf('fabrikam', false)).toEqual([
      ['write', 'AcrPush', IMPORTER],
      ['read', 'AcrPull'],
    ]);
    expect(rolesOf('fabrikam', true)).toEqual([['write', 'AcrPush', IMPORTER]]);
    expect(rolesOf('fabrikam', true, true)).toEqual([
      [
        'write',
        'Container Registry Repository Writer',
        'Container Registry Repository Catalog Lister',
        IMPORTER,
      ],
    ]);
  });

  it('do not have it for what is streamed', () => {
    for (const from of ['prod', 'plain']) expect(rolesOf(from, true)).toEqual([['write', 'AcrPush']]);
  });
});

describe('what Azure trusts', () => {
  it('is nothing of imports where there are none', () => {
    expect(trusted('')).toEqual([
      ['write', 'assemble'],
      ['read', 'sweep', 'poll'],
    ]);
  });

  it('is copy, to write, where something is imported there', () => {
    expect(trusted('imports: [{ name: to, from: prod/team/*, to: "contoso/m/{repository}" }]')).toEqual([
      ['write', 'assemble', 'copy'],
      ['read', 'sweep', 'poll'],
    ]);
  });

  it('is import-intake too, to read, where something is imported from there', () => {
    expect(trusted('imports: [{ name: from, from: contoso/base/*, to: "prod/{repository}" }]')).toEqual([
      ['write', 'assemble', 'copy'],
      ['read', 'sweep', 'poll', 'import-intake'],
    ]);
  });

  it('is for the repositories of imports as well, where it is for some only', () => {
    const { only } = sideOf('imports: [{ name: to, from: prod/team/*, to: "contoso/m/{repository}" }]', true);
    expect(only?.map(({ text }) => text)).toEqual(['m/team/', 'web/']);
  });
});
