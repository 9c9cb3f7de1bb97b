import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../../lib/rules/load.ts';
import { parseTemplate } from '../../../../lib/rules/parse-template.ts';
import { found, PLATFORMS, REGISTRIES, rule } from './found-mistakes.ts';
import { configOf, load } from './loaded.ts';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** Imports after a file with the registries prod and contoso and one rule for prod/team/*; they begin in line 7. */
const file = (imports: string) => `${rule()}imports:\n${imports}`;
const PAIR = '  - from: prod/a\n    to: contoso/x\n    when: manual\n';
const IMPORTS = `imports:\n${PAIR}`;
const codes = (text: string) => load(text).findings.map(({ code }) => code);
const place = (text: string) =>
  load(text).findings.map(({ line, column, code }) => `${line}:${column} ${code}`);

describe('an import', () => {
  it('is read with every default', () => {
    const { imports } = configOf(file('  - from: prod/team/*\n    to: contoso/mirror/{repository}\n'));
    expect(imports).toEqual([
      {
        name: 'prod/team/*',
        line: 8,
        file: 'archweave.yaml',
        from: { registry: ECR, pattern: 'team/*' },
        to: { registry: 'contoso.azurecr.io', repository: 'mirror/{repository}' },
        tags: ['*'],
        platforms: 'all',
        referrers: true,
        when: { on: 'published' },
      },
    ]);
  });

  it('is read with every key', () => {
    const { imports, registries } = configOf(
      file(`  - name: base images
    from: docker.io/alpine
    to: contoso/base/alpine
    tags: ["3.*", latest]
    platforms: [linux/amd64, linux/arm64]
    referrers: false
    split: "{tag}-{arch}"
    when: every 24h
`),
    );
    expect(imports[0]).toMatchObject({
      name: 'base images',
      from: { registry: 'docker.io', pattern: 'library/alpine' },
      tags: ['3.*', 'latest'],
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
      ],
      referrers: false,
      split: parseTemplate('{tag}-{arch}'),
      when: { on: 'schedule', every: 24 * 3_600_000 },
    });
    expect(registries.map(({ name }) => name)).toEqual(['prod', 'contoso', 'docker.io']);
  });

  it('has a number added to its name where another has that name already, and says so where both were given', () => {
    const two = (name: string) =>
      file(
        `  - ${name}from: prod/team/*\n    to: contoso/a/{repository}\n  - ${name}from: prod/team/*\n    to: contoso/b/{repository}\n`,
      );
    expect(configOf(two('')).imports.map(({ name }) => name)).toEqual(['prod/team/*', 'prod/team/* (2)']);
    expect(found(two('name: x\n    '))).toContain(
      '"x" is the name of another import too (line 8)  [name-twice]',
    );
  });

  it('of a file that is included is read and compared too', () => {
    const { findings } = loadConfig(`${REGISTRIES}include: more.yaml\n${IMPORTS}`, {
      file: 'archweave.yaml',
      readIncluded: file => [{ file, text: `imports:\n${PAIR.replace('prod/a', 'prod/b')}` }],
    });
    expect(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([
      'more.yaml:3 contoso/x has tags that two imports write, "prod/a" (archweave.yaml:6) and this one',
    ]);
  });
});

describe('mistakes in an import', () => {
  it.each([
    ['  - from: prod/team/*\n', '8:5 missing-key'],
    ['  - from: "!prod/team/*"\n    to: contoso/x\n', '8:11 bad-repository'],
    ['  - from: prd/team/*\n    to: contoso/{repository}\n', '8:11 unknown-registry'],
    ['  - from: prod/team/a\n    to: contso/x\n', '9:9 unknown-registry'],
    ['  - from: prod/team/a\n    to: contoso/{tag}\n', '9:9 template'],
    ['  - from: prod/team/a\n    to: contoso/mirror/*\n', '9:9 bad-repository'],
    ['  - from: prod/team/a\n    to: contoso/Mirror\n', '9:9 bad-repository'],
    ['  - from: prod/team/a\n    to: contoso/x:1\n', '9:9 bad-repository'],
    ['  - from: prod/team/*\n    to: contoso/x\n', '9:9 one-repository'],
    ['  - from: prod/team/a\n    to: contoso/x\n    tags: [a b]\n', '10:12 bad-value'],
    ['  - from: prod/team/a\n    to: contoso/x\n    platforms: [linux/x86_64]\n', '10:17 bad-platform'],
    [
      '  - from: prod/team/a\n    to: contoso/x\n    platforms: [linux/arm64, linux/arm64/v8]\n',
      '10:30 platform-twice',
    ],
    ['  - from: prod/team/a\n    to: contoso/x\n    split: "{version}-{arch}"\n', '10:12 unknown-capture'],
    [
      '  - from: prod/team/a\n    to: contoso/x\n    split: "{tag}-{arch}{variant?}"\n',
      '10:12 unknown-capture',
    ],
    ['  - from: prod/team/a\n    to: contoso/x\n    split: "{tag}"\n', '10:12 no-arch'],
    ['  - from: prod/team/a\n    to: contoso/x\n    split: "{arch}"\n', '10:12 no-tag'],
    ['  - from: prod/team/a\n    to: contoso/x\n    when: hourly\n', '10:11 bad-value'],
    ['  - from: prod/team/a\n    to: contoso/x\n    when: every 24\n', '10:11 duration'],
    ['  - from: prod/team/a\n    to: contoso/x\n    when: every 0s\n', '10:11 duration'],
    ['  - from: prod/team/a\n    to: contoso/x\n    referrers: yes please\n', '10:16 wrong-type'],
    ['  - from: prod/team/a\n    to: contoso/x\n    platform: all\n', '10:5 unknown-key'],
    ['  - just a text\n', '8:5 wrong-type'],
  ])('%j are found with their place', (imports, expected) => {
    expect(place(file(imports))).toEqual([expected]);
  });

  it('keep no other from being found', () => {
    expect(codes(file('  - from: x\n    to: y\n    when: never\n  - from: z\n'))).toEqual([
      'bad-repository',
      'bad-repository',
      'bad-value',
      'missing-key',
      'bad-repository',
    ]);
  });

  it('say what would be right', () => {
    const text = file('  - from: prod/team/*\n    to: contoso/x\n    when: published\n');
    expect(
      found(text),
    ).toBe(`archweave.yaml:9:9: error: all of prod/team/* would be copied into one repository  [one-repository]
   9 |     to: contoso/x
     |         ^^^^^^^^^
     next: contoso/x/{repository}
`);
  });

  it('let "{arch}" alone be what one tag is split by', () => {
    expect(
      codes(file('  - from: prod/team/a\n    to: contoso/x\n    tags: latest\n    split: "{arch}"\n')),
    ).toEqual([]);
  });
});

describe('imports next to others', () => {
  it('that write what an index rule writes are refused', () => {
    const text = `${REGISTRIES}indexes:
  - name: mirrored
    repositories: [contoso/mirror/*]
${PLATFORMS}imports:
  - from: prod/team/*
    to: contoso/mirror/{repository}
    when: manual
`;
    expect(
      found(text),
    ).toBe(`archweave.yaml:10:9: error: contoso/mirror/team/* has tags that the index rule "mirrored" (line 5) writes, and this import too  [two-writers]
  10 |     to: contoso/mirror/{repository}
     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
     next: narrow this import with tags, or copy to another repository
`);
  });

  it('that bring the members of an index rule are not', () => {
    const text = `${REGISTRIES}indexes:
  - repositories: [contoso/mirror/*]
${PLATFORMS}imports:
  - { from: prod/team/*, to: "contoso/mirror/{repository}", tags: ["*-amd64", "*-arm64"], when: pushed }
`;
    expect(codes(text)).toEqual([]);
  });

  it('that write to one tag are refused', () => {
    const text = file(
      '  - from: prod/team/a\n    to: contoso/x\n  - from: prod/team/b\n    to: contoso/x\n    tags: "1.*"\n',
    );
    expect(found(text)).toContain(
      'contoso/x has tags that two imports write, "prod/team/a" (line 8) and this one  [two-writers]',
    );
    expect(codes(text.replace('tags: "1.*"', 'tags: "1-amd64"'))).toContain('two-writers');
    const split = text.replace(
      '    to: contoso/x\n  -',
      '    to: contoso/x\n    tags: a\n    split: "{tag}-{arch}"\n  -',
    );
    expect(codes(split)).toEqual([]);
    expect(codes(split.replace('"1.*"', 'a-arm64'))).toContain('two-writers');
  });

  it('that grow names without end are a circle', () => {
    expect(
      found(file('  - from: contoso/*\n    to: contoso/mirror/{repository}\n    when: manual\n')),
    ).toContain('imports run in a circle: contoso/* -> contoso/mirror/* -> contoso/*  [import-cycle]');
  });

  it('that go two ways are a circle, unless tags keep them apart', () => {
    const two = (there: string, back: string) =>
      file(
        `  - { from: prod/team/*, to: "contoso/{repository}", when: manual, tags: "${there}" }\n  - { from: contoso/team/*, to: "prod/{repository}", when: manual, tags: "${back}" }\n`,
      );
    expect(codes(two('*', '*'))).toContain('import-cycle');
    expect(codes(two('1.*', '*-rc'))).toContain('import-cycle');
    expect(codes(two('*-amd64', '*-arm64'))).toEqual([]);
  });

  it('that go around over an index rule are a circle', () => {
    const text = `${REGISTRIES}indexes:
  - name: joined
    repositories: [contoso/x]
${PLATFORMS}imports:
  - { from: prod/x, to: contoso/x, tags: "*-amd64", when: pushed }
  - { from: contoso/x, to: prod/x, tags: "*", split: "{tag}-{arch}", when: published }
`;
    expect(found(text)).toContain(
      'imports run in a circle: prod/x -> index rule "joined" -> contoso/x -> prod/x  [import-cycle]',
    );
  });

  it('that ECR replication does are refused, and those that want less or another name are not', () => {
    const ecr = (more: string) =>
      `registries:\n  a: ${ECR}\n  b: ${ECR.replace('west-1', 'north-1')}\nimports:\n  - { from: a/team/*, when: pushed, ${more} }\n`;
    expect(found(ecr('to: "b/{repository}"'))).toContain('[ecr-replication]');
    for (const more of [
      'to: "b/copy/{repository}"',
      'to: "b/{repository}", tags: "1.*"',
      'to: "b/{repository}", platforms: [linux/arm64]',
      'to: "b/{repository}", split: "{tag}-{arch}"',
    ]) {
      expect(codes(ecr(more))).toEqual([]);
    }
    expect(codes(ecr('to: "b/{repository}"').replace('pushed', 'manual'))).toEqual([]);
  });

  it('that wait for publications where nothing is published are warned of', () => {
    expect(found(file('  - from: contoso/a\n    to: prod/mirror/a\n'))).toContain(
      'warning: no index rule publishes to contoso/a, so this import runs by hand only  [never-published]',
    );
  });

  it('are compared in good time, however many there are', () => {
    const many = Array.from(
      { length: 1_000 },
      (_, i) => `  - { from: prod/*a${i}, to: "contoso/m/{repository}", tags: "*x", when: manual }\n`,
    );
    const started = performance.now();
    expect(new Set(codes(file(many.join(''))))).toEqual(new Set([]));
    expect(codes(file(`${many.join('')}${many[0]!.replace('a0', 'b')}`))).toEqual(['bad-value']);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
