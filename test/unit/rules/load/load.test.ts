import { describe, expect, it } from '@jest/globals';
import { builtInRule } from '../../../../lib/rules/built-in.ts';
import { loadConfig } from '../../../../lib/rules/load.ts';
import { parseTemplate } from '../../../../lib/rules/parse-template.ts';
import { renderFindings } from '../../../../lib/rules/render-findings.ts';
import type { Rule } from '../../../../lib/rules/rule.ts';
import { configOf, HOUR, load, ruleWith, SMALLEST } from './loaded.ts';

describe('loadConfig', () => {
  it('fills the smallest useful file with the defaults of the built-in rule', () => {
    expect(configOf(SMALLEST)).toEqual({
      registries: [{ name: 'registry.lan', host: 'registry.lan' }],
      rules: [{ ...builtInRule('registry.lan'), name: 'registry.lan/*', line: 1, file: 'archweave.yaml' }],
      imports: [],
    });
  });

  it('reads each way to write a registry', () => {
    const text = `registries:
  prod: { kind: ecr, account: "012345678901", region: eu-west-1 }
  beijing: { kind: ecr, account: "012345678901", region: cn-north-1 }
  here: ecr
  contoso: { host: CONTOSO.azurecr.io, events: event-grid }
  lan: { host: registry.lan:5000, plainHttp: true, credentials: env:LAN_LOGIN, reconcile: 5m }
${SMALLEST}
notify: env:NOTIFY_URL
`;
    const { registries, notify } = configOf(text);
    expect(registries).toEqual([
      { name: 'prod', host: '012345678901.dkr.ecr.eu-west-1.amazonaws.com' },
      { name: 'beijing', host: '012345678901.dkr.ecr.cn-north-1.amazonaws.com.cn' },
      { name: 'here', host: 'ecr' },
      { name: 'contoso', host: 'contoso.azurecr.io', events: 'event-grid' },
      {
        name: 'lan',
        host: 'registry.lan:5000',
        plainHttp: true,
        credentials: 'env:LAN_LOGIN',
        reconcile: 300_000,
      },
      { name: 'registry.lan', host: 'registry.lan' },
    ]);
    expect(notify).toBe('env:NOTIFY_URL');
  });

  it('puts hosts for the names of registries', () => {
    const text = SMALLEST.replace('[registry.lan/*]', '[lan/a/*, "!lan/a/b", 127.0.0.1:5000/c]');
    expect(configOf(`registries: { lan: registry.lan }\n${text}`).rules[0]!.repositories).toEqual([
      { registry: 'registry.lan', pattern: 'a/*', exclude: false },
      { registry: 'registry.lan', pattern: 'a/b', exclude: true },
      { registry: '127.0.0.1:5000', pattern: 'c', exclude: false },
    ]);
  });

  it('turns durations into milliseconds, and never into null', () => {
    expect(ruleWith('settle: 90s\ngrace: 20m\noverdue: never\nhorizon: 2d')).toMatchObject({
      settle: 90_000,
      grace: 20 * 60_000,
      overdue: null,
      horizon: 48 * HOUR,
    });
    expect(ruleWith('overdue: 3h').overdue).toBe(3 * HOUR);
  });

  it.each<[string, Rule['sameBuild']]>([
    ['sameBuild: false', { labels: [], mode: 'off' }],
    ['sameBuild: lenient', { labels: ['org.opencontainers.image.revision'], mode: 'lenient' }],
    ['sameBuild: build', { labels: ['build'], mode: 'strict' }],
    ['sameBuild: [a, b]', { labels: ['a', 'b'], mode: 'strict' }],
    ['sameBuild: { label: a }', { labels: ['a'], mode: 'strict' }],
    ['sameBuild: { label: [a, b], required: false }', { labels: ['a', 'b'], mode: 'lenient' }],
    ['sameBuild: { label: a, required: true }', { labels: ['a'], mode: 'strict' }],
  ])('reads %s', (line, expected) => {
    expect(ruleWith(line).sameBuild).toEqual(expected);
  });

  it.each<[string, Rule['newest']]>([
    ['target: "{version}"', { by: 'nothing' }],
    ['newest: created', { by: 'nothing' }],
    ['members: "{run:int}-{arch}"\ntarget: latest', { by: 'captures', captures: ['run'] }],
    ['members: "{run}-{arch}"\ntarget: latest\nnewest: created', { by: 'created' }],
    ['members: "{run:int}-{arch}"\ntarget: latest\nnewest: label:n', { by: 'label', label: 'n' }],
    [
      'members: "{b}_{v:semver}_{run:int}-{arch}"\ntarget: ["{b}-{v}", "{b}"]',
      { by: 'captures', captures: ['v', 'run'] },
    ],
  ])('orders builds for %j', (lines, expected) => {
    expect(ruleWith(lines).newest).toEqual(expected);
  });

  it('gives a target the types of the members', () => {
    const [target] = ruleWith('members: "b{run:int}-{arch}"\ntarget: "b{run}"').targets;
    expect(target?.parts[1]).toMatchObject({ name: 'run', type: 'int' });
  });

  it('joins what is there already on loopback only', () => {
    expect(ruleWith('').backfill).toBe(false);
    expect(ruleWith('', 'localhost:5000').backfill).toBe(true);
    expect(ruleWith('backfill: false', '127.0.0.1:5000').backfill).toBe(false);
  });

  it('takes the mode of the file where the rule has none', () => {
    expect(configOf(`mode: report\n${SMALLEST}`).rules[0]!.mode).toBe('report');
    expect(configOf(`mode: report\n${SMALLEST.replace('{', '{mode: publish, ')}`).rules[0]!.mode).toBe(
      'publish',
    );
  });

  it('names rules without a name by their repositories, each its own way', () => {
    const text = `indexes:
  - { repositories: [r.example/a], platforms: [linux/amd64], target: "a{version}" }
  - { repositories: [r.example/a], platforms: [linux/amd64], target: "b{version}" }
  - { repositories: ["!r.example/a", r.example/b], platforms: [linux/amd64], name: r.example/a (2) }
  - { repositories: [r.example/a], platforms: [linux/amd64], target: "c{version}" }
`;
    expect(configOf(text).rules.map(({ name, line }) => [name, line])).toEqual([
      ['r.example/a', 2],
      ['r.example/a (3)', 3],
      ['r.example/a (2)', 4],
      ['r.example/a (4)', 5],
    ]);
  });

  it('makes plain data that goes through JSON unchanged', () => {
    const config = configOf(SMALLEST);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    expect(config.rules[0]!.members).toEqual(parseTemplate('{version}-{arch}'));
  });

  it('reads files that are included, and names them in their findings', () => {
    const asked: string[] = [];
    const loaded = loadConfig('registries: { lan: registry.lan }\ninclude: teams/*.yaml\n', {
      file: 'archweave.yaml',
      readIncluded: pattern => {
        asked.push(pattern);
        return [
          { file: 'teams/a.yaml', text: SMALLEST.replace('registry.lan', 'lan') },
          { file: 'teams/b.yaml', text: SMALLEST.replace('{', '{grace: x, ') },
          { file: 'teams/c.yaml', text: 'registries: { x: y.example }\n' },
        ];
      },
    });
    expect(asked).toEqual(['teams/*.yaml']);
    expect(loaded.findings.map(({ file, code }) => [file, code])).toEqual([
      ['teams/b.yaml', 'two-writers'],
      ['teams/b.yaml', 'duration'],
      ['teams/c.yaml', 'unknown-key'],
    ]);
    expect(loaded.findings[0]!.message).toContain('"lan/*" (teams/a.yaml:1) and this one');
    expect(loaded.counts).toEqual({ registries: 1, rules: 2, imports: 0 });
  });

  it('says what is there where nothing is wrong', () => {
    expect(renderFindings(load(SMALLEST), 'archweave.yaml')).toBe(
      'archweave.yaml: 1 registry, 1 index rule. No mistakes.\n',
    );
    const counts = { registries: 2, rules: 3, imports: 1 };
    expect(renderFindings({ findings: [], counts }, 'a.yaml')).toBe(
      'a.yaml: 2 registries, 3 index rules, 1 import. No mistakes.\n',
    );
  });
});
