import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../../../lib/rules/load.ts';
import { renderAnnotations, renderFindings } from '../../../../lib/rules/render-findings.ts';

const SECRET = 'hunter2-very-secret';
const RULE = 'indexes:\n  - repositories: [lan/*]\n    platforms: [linux/amd64]\n';

/** Everything that is ever shown of a file. */
function shown(text: string): string {
  const loaded = loadConfig(text, { file: 'archweave.yaml' });
  return (
    renderFindings(loaded, 'archweave.yaml') + renderAnnotations(loaded.findings) + JSON.stringify(loaded)
  );
}

describe('a secret in the file', () => {
  it.each([
    ['as credentials', `registries:\n  lan: { host: r.example, credentials: "admin:${SECRET}" }\n${RULE}`],
    [
      'as credentials without a user',
      `registries:\n  lan: { host: r.example, credentials: ${SECRET} }\n${RULE}`,
    ],
    ['as a password', `registries:\n  lan: { host: r.example, password: ${SECRET} }\n${RULE}`],
    [
      'as a token that is misspelt',
      `registries:\n  lan: { host: r.example, accessToken: ${SECRET} }\n${RULE}`,
    ],
    [
      'in front of other mistakes',
      `registries:\n  lan: { password: ${SECRET}, host: r.example, reconcile: 5, evnts: poll }\n${RULE}`,
    ],
    ['in a host', `registries:\n  lan: me:${SECRET}@r.example\n${RULE}`],
    ['in a host with a scheme', `registries:\n  lan: { host: "https://me:${SECRET}@r.example" }\n${RULE}`],
    ['in a repository', `indexes:\n  - repositories: [me:${SECRET}@r.example/a]\n    platforms: []\n`],
    ['in notify', `notify: https://hooks.example/${SECRET}\n${RULE}`],
    ['behind an alias', `x: &p ${SECRET}\nregistries:\n  lan: { host: r.example, password: *p }\n${RULE}`],
    [
      'behind an anchor',
      `registries:\n  lan: { host: r.example, password: &p ${SECRET} }\n  prod: *p\n${RULE}`,
    ],
    [
      'as a block',
      `registries:\n  lan:\n    host: r.example\n    password: |\n      ${SECRET}\n    grace: 1\n${RULE}`,
    ],
    [
      'as a mapping',
      `registries:\n  lan: { host: r.example, credentials: { user: me, word: ${SECRET} } }\n${RULE}`,
    ],
    ['as a list', `registries:\n  lan: { host: r.example, credentials: [${SECRET}] }\n${RULE}`],
    [
      'with escapes',
      `registries:\n  lan: { host: r.example, password: "${SECRET.replace('u', '\\x75')}", x: ${SECRET} }\n${RULE}`,
    ],
    ['in a rule', `indexes:\n  - { repositories: [r.example/a], platforms: [x], secret: ${SECRET} }\n`],
    [
      'repeated where it is no secret',
      `registries:\n  lan: { host: r.example, password: ${SECRET} }\nindexes:\n  - { repositories: [r.example/a], platforms: [${SECRET}] }\n`,
    ],
    ['on a line that is no YAML', `registries:\n  lan: { host: r.example, password: ${SECRET}\n${RULE}`],
    ['on a line with a tab', `registries:\n\tlan: { host: r.example, password: ${SECRET} }\n${RULE}`],
    ['in quotes that stay open', `registries:\n  lan: { host: r.example, credentials: "me:${SECRET} }\n`],
  ])('%s is not shown', (_, text) => {
    expect(shown(text)).not.toContain(SECRET);
    expect(shown(text)).not.toContain(SECRET.replace('u', '\\x75'));
    expect(loadConfig(text, { file: 'archweave.yaml' }).config).toBeUndefined();
  });

  it('that only points to one is no mistake', () => {
    const arn = 'secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:lan';
    for (const pointer of ['env:LAN_LOGIN', arn]) {
      const text = `registries:\n  lan: { host: r.example, credentials: "${pointer}" }\n${RULE}`;
      expect(loadConfig(text, { file: 'archweave.yaml' }).findings).toEqual([]);
    }
  });

  it('is masked without its length, and the mark stays under its place', () => {
    const text = `registries:\n  lan: { password: ab, host: r.example, evnts: poll }\n${RULE}`;
    expect(renderFindings(loadConfig(text, { file: 'a.yaml' }), 'a.yaml')).toContain(
      `a.yaml:2:41: error: "evnts" is not a key of a registry; did you mean "events"?  [unknown-key]
   2 |   lan: { password: ********, host: r.example, evnts: poll }
     |                                               ^^^^^
`,
    );
  });
});

describe('a file made to hurt', () => {
  const bomb = (levels: number) =>
    `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from(
      { length: levels },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]\n`,
    ).join('')}`;

  it.each([
    ['aliases of aliases', bomb(9), 'aliases make this file too large to be read'],
    ['aliases in rules', `${bomb(9)}indexes: *a9\n`, 'aliases make this file too large to be read'],
    [
      'many aliases of much',
      `a: &a [${'x, '.repeat(20_000)}x]\nb: [${'*a, '.repeat(5_000)}*a]\n`,
      'aliases make this file too large',
    ],
    ['an alias of itself', 'indexes: &a [*a]\n', 'nested too deep'],
    ['open brackets', '['.repeat(100_000), 'nested too deep'],
    ['open braces', '{a: '.repeat(100_000), 'nested too deep'],
    ['lists in lists', `${'- '.repeat(100_000)}x`, 'nested too deep'],
    ['a megabyte', `# ${'x'.repeat(1_000_001)}`, 'more than 1000000 characters'],
    [
      'many keys',
      Array.from({ length: 60_000 }, (_, i) => `k${i}: v`).join('\n'),
      'aliases make this file too large',
    ],
    ['many mistakes of YAML', 'a: "\n'.repeat(10_000), 'this is no YAML'],
  ])('%s is refused in good time', (_, text, message) => {
    const started = performance.now();
    const { findings, config } = loadConfig(text, { file: 'a.yaml' });
    expect(config).toBeUndefined();
    expect(findings.map(finding => finding.message).join('\n')).toContain(message);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('moves no cursor', () => {
    const text = shown(
      'indexes:\n  - { repositories: [r.example/a], platforms: ["\\e[31m\\u202e"], "\\a": 1 }\n',
    );
    expect(text).not.toMatch(/[\u0007\u001b\u202e]/);
  });

  it('makes no annotation of its own', () => {
    const text = 'indexes:\n  - { repositories: [r.example/a], platforms: ["x\\n::error::pwned"] }\n';
    expect(renderAnnotations(loadConfig(text, { file: 'a,b:c.yaml' }).findings)).toBe(
      '::error file=a%2Cb%3Ac.yaml,line=2,col=48::"x?::error::pwned" is not a platform  [bad-platform]' +
        '%0Anext: linux/amd64   (OS/ARCHITECTURE, /VARIANT where there is one)\n',
    );
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('finds %s to be no key', key => {
    const text = `indexes:\n  - { repositories: [r.example/a], platforms: [linux/amd64], ${key}: 1 }\n${key}: 1\n`;
    expect(loadConfig(text, { file: 'a.yaml' }).findings.map(({ code }) => code)).toEqual([
      'unknown-key',
      'unknown-key',
    ]);
  });

  const words = fc.constantFrom(
    ...[
      'registries',
      'indexes',
      'imports',
      'include',
      'repositories',
      'platforms',
      'members',
      'target',
      'newest',
    ],
    ...[
      'sameBuild',
      'pin',
      'grace',
      'optional',
      'credentials',
      'host',
      'lan',
      'a',
      '&a x',
      '*a',
      '<<',
      'null',
      '~',
      '',
    ],
    ...[
      '"{version}-{arch}"',
      '"{run:int}"',
      'latest',
      'linux/amd64',
      'r.example/*',
      'lan/x',
      '30m',
      '1.10',
      'true',
      '!!str x',
    ],
    ...[
      ': ',
      ': ',
      ': ',
      '\n',
      '\n',
      '\n  ',
      '\n    ',
      '\n  - ',
      '\n- ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '"',
      "'",
      '|',
      '\t',
      '#',
      '%',
    ],
  );

  it('is answered with findings or a configuration, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), parts => {
        const { config, findings } = loadConfig(parts.join(''), { file: 'a.yaml' });
        expect(config === undefined).toBe(findings.some(({ severity }) => severity === 'error'));
        for (const { line, column, endColumn } of findings) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(endColumn).toBeGreaterThan(column);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
