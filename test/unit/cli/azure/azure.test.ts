import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runCli } from '../../../../lib/cli/run-cli.ts';
import { PROJECT_ROOT } from '../../../support/find-tool.ts';

// Not by its name: its types would bring those of browsers along.
const HCL = '@cdktf/hcl2json';
const { parse } = (await import(HCL)) as {
  // biome-ignore lint/suspicious/noExplicitAny: Terraform, as objects
  parse(file: string, text: string): Promise<any>;
};

const FOLDER = join(PROJECT_ROOT, 'test', 'fixtures', 'azure');
const AWS = ['--account', '123456789012', '--region', 'eu-west-1'];
const ISSUER = 'https://11111111-2222-4333-8444-555555555555.tokens.sts.global.api.aws';
const HOOKS = 'https://abc.execute-api.eu-west-1.amazonaws.com';
/** What is asked, by the name of the file that holds the answer. */
const ASKED: readonly (readonly [string, readonly string[]])[] = [
  ['polled', ['--registry', 'polled', ...AWS]],
  ['abac', ['--registry', 'polled', ...AWS, '--abac', '--issuer', ISSUER]],
  ['serve', ['--registry', 'polled', '--serve']],
  ['webhook', ['--registry', 'hooked', ...AWS, '--hooks', `${HOOKS}/hooks/NAME`]],
  ['event-grid', ['--registry', 'grid', ...AWS, '--hooks', `${HOOKS}/hooks/grid`]],
];

async function azure(kind: string, args: readonly string[]) {
  let out = '';
  let err = '';
  const rc = await runCli(['azure', kind, ...args, '--config', join(FOLDER, 'archweave.yaml')], {
    stdout: {
      write: (text: string) => {
        out += text;
      },
    } as never,
    stderr: {
      write: (text: string) => {
        err += text;
      },
    } as never,
    env: {},
    cwd: FOLDER,
    now: Date.now,
    signal: new AbortController().signal,
  });
  return { rc, out, err };
}

const kept = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

describe('archweave azure', () => {
  it.each(ASKED)(
    'prints for %s what was read by people once, as Bicep and as Terraform',
    async (name, args) => {
      expect(await azure('bicep', args)).toEqual({ rc: 0, out: kept(`${name}.bicep`), err: '' });
      expect(await azure('terraform', args)).toEqual({ rc: 0, out: kept(`${name}.tf`), err: '' });
    },
  );

  it.each(ASKED.map(([name]) => name))('prints Terraform for %s that its own parser reads', async name => {
    const { resource, data, variable } = await parse(`${name}.tf`, kept(`${name}.tf`));
    expect(Object.keys(data)).toContain('azurerm_container_registry');
    expect(Object.keys(variable)).toContain('resource_group');
    const roles = Object.values(
      resource.azurerm_role_assignment as Record<string, { role_definition_name: string }[]>,
    );
    for (const [{ role_definition_name: role } = { role_definition_name: '' }] of roles)
      expect(kept(`${name}.bicep`)).toContain(`// ${role}\n`);
  });

  it('says with each id of a role which role it is, and where ids are from', () => {
    for (const [name] of ASKED) {
      const text = kept(`${name}.bicep`);
      expect(text).toContain(
        'https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/containers',
      );
      const ids = text.match(/roleDefinitions', '/g) ?? [];
      expect(text.match(/\/\/ (Acr|Container Registry)[^\n]*\n +roleDefinitionId:/g)).toHaveLength(
        ids.length,
      );
    }
  });

  it('trusts the very roles that a deployment has, and the ones that read no further than to read', () => {
    const text = kept('polled.tf');
    for (const part of ['assemble', 'sweep', 'poll'])
      expect(text).toContain(`"arn:aws:iam::123456789012:role/archweave-eu-west-1-${part}"`);
    expect(text.match(/AcrPush/g)).toHaveLength(1);
    expect(kept('webhook.tf')).not.toContain('eu-west-1-poll');
    expect(kept('serve.tf')).not.toMatch(/aws|issuer/);
  });

  it.each<[string, readonly string[], string]>([
    ['several registries', [], 'error: which registry of polled, hooked, grid?'],
    ['a registry that is not there', ['--registry', 'x'], 'error: which registry of polled, hooked, grid?'],
    ['no account', ['--registry', 'polled'], 'error: which account and Region of AWS?'],
    [
      'an account that is none',
      ['--registry', 'polled', '--account', '1', '--region', 'eu-west-1'],
      'error: --account "1" has not 12 digits',
    ],
    [
      'a Region that is none',
      ['--registry', 'polled', '--account', '123456789012', '--region', "x'"],
      'error: --region "x\'" is no Region',
    ],
    [
      'an issuer that is none',
      ['--registry', 'polled', ...AWS, '--issuer', "https://a'b"],
      'error: --issuer "https://a\'b" is no https address',
    ],
    [
      'hooks without TLS',
      ['--registry', 'hooked', ...AWS, '--hooks', 'http://a'],
      'error: --hooks "http://a" is no https address.',
    ],
    [
      'a name that is none',
      ['--registry', 'polled', ...AWS, '--name', 'a/b'],
      'error: --name "a/b" is no name of a deployment',
    ],
  ])('is refused with %s', async (_, args, message) => {
    const { rc, out, err } = await azure('bicep', args);
    expect([rc, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});
