import { describe, expect, it } from '@jest/globals';
import { bundleConfig, readBundledConfig } from '../../../lib/rules/bundled-config.ts';
import { loadConfig } from '../../../lib/rules/load.ts';

const OWN = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const { config } = loadConfig(
  `
registries:
  prod: ecr
  other: registry.example
indexes:
  - repositories: [prod/team/*, other/app]
    members: "{version}-{arch}"
    target: "{version}"
    platforms: [linux/amd64, linux/arm64]
`,
  { file: 'archweave.yaml' },
);

describe('the bundled configuration', () => {
  it('is read back as it was loaded, with the own registry for "ecr"', () => {
    expect(config).toBeDefined();
    const read = readBundledConfig(bundleConfig(config!), OWN);
    const hosts = read.rules[0]!.repositories.map(({ registry }) => registry);
    expect(hosts).toEqual([OWN, 'registry.example']);
    expect(read.registries).toEqual([
      { name: 'prod', host: OWN },
      { name: 'other', host: 'registry.example' },
    ]);
    const { repositories: _, ...rule } = read.rules[0]!;
    expect(config!.rules[0]).toMatchObject(rule);
  });

  it('has what functions need of an ACR registry, and nothing of logins', () => {
    const acr = { name: 'contoso', host: 'contoso.azurecr.io', events: 'webhook', tenant: 't' } as const;
    const settings = {
      clientId: 'c',
      readClientId: 'r',
      resource: '/subscriptions/s',
      hook: 'secretsmanager:arn',
      subscription: 's',
      audience: 'a',
      poll: 1,
    };
    const registry = { ...acr, ...settings };
    const others = { credentials: 'env:LOGIN', reconcile: 1 };
    const text = bundleConfig({ registries: [{ ...registry, ...others }], rules: [] });
    expect(readBundledConfig(text, OWN).registries).toEqual([registry]);
    expect(text).not.toContain('LOGIN');
  });

  it('has a name that changes with the rules and with nothing else', () => {
    const shaOf = (rules: typeof config) => readBundledConfig(bundleConfig(rules!), OWN).sha;
    expect(shaOf(config)).toMatch(/^[0-9a-f]{12}$/);
    expect(shaOf(structuredClone(config))).toBe(shaOf(config));
    const [rule] = config!.rules;
    expect(shaOf({ ...config!, rules: [{ ...rule!, settle: 1 }] })).not.toBe(shaOf(config));
  });

  it('carries imports where there are some, and is the same text as ever where there are none', () => {
    const rule = {
      name: 'mirror',
      line: 1,
      from: { registry: 'ecr', pattern: 'team/*' },
      to: { registry: 'registry.example', repository: '{repository}' },
      tags: ['*'],
      platforms: 'all' as const,
      referrers: true,
      when: { on: 'published' as const },
    };
    const bundled = bundleConfig({ ...config!, imports: [rule] });
    const read = readBundledConfig(bundled, OWN);
    expect(read.imports).toEqual([{ ...rule, from: { registry: OWN, pattern: 'team/*' } }]);
    const { registries, rules } = config!;
    const without = bundleConfig({ registries, rules });
    expect(bundleConfig({ registries, rules, imports: [] })).toBe(without);
    expect(Object.keys(JSON.parse(without))).toEqual(['version', 'sha', 'registries', 'rules']);
    expect(readBundledConfig(bundleConfig(config!), OWN).imports).toEqual([]);
    expect(read.sha).not.toBe(readBundledConfig(bundleConfig(config!), OWN).sha);
  });

  const whole = { version: 1, sha: 'x', registries: [], rules: [] };
  const spoilt = (more: object) => JSON.stringify({ ...whole, ...more });
  it.each([
    ['', 'it is not JSON'],
    ...[
      { version: 2 },
      { sha: 7 },
      { registries: {} },
      { rules: {} },
      { imports: {} },
      { version: 2, sha: 7 },
    ].map(more => [spoilt(more), 'it is not of version 1'] as const),
  ])('refuses %j', (text, reason) => {
    expect(readBundledConfig(spoilt({}), OWN).rules).toEqual([]);
    expect(() => readBundledConfig(text, OWN)).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: `cannot read the bundled configuration: ${reason}`,
        next: 'deploy the stack again',
      }),
    );
  });
});
