import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchTemplate, renderTemplate } from '../../../lib/rules/match-template.ts';
import { parseTemplate, withTypes } from '../../../lib/rules/parse-template.ts';

const members = (text: string) => parseTemplate(text);
const target = (text: string) => parseTemplate(text, { target: true });

describe('matchTemplate', () => {
  it.each([
    ['{version}-{arch}', '1.0-amd64', { version: '1.0', arch: 'amd64' }],
    ['{version}-{arch}', '1.0-rc.1-arm64', { version: '1.0-rc.1', arch: 'arm64' }],
    ['{version}-{arch}', '1.0-x86-64', { version: '1.0', arch: 'x86-64' }],
    ['{version}-{arch}', 'latest-arm32v7', { version: 'latest', arch: 'arm32v7' }],
    ['{arch}-{version}', 'arm64v8-3.0.1', { arch: 'arm64v8', version: '3.0.1' }],
    ['{arch}-{version}', 'x86-64-1.0', { arch: 'x86-64', version: '1.0' }],
    ['{arch}', 'amd64', { arch: 'amd64' }],
    ['main-{sha}-{arch}', 'main-9f3c1e2-amd64', { sha: '9f3c1e2', arch: 'amd64' }],
    ['{version}-{arch}-{flavour}', '1.0-amd64-slim-x', { version: '1.0', arch: 'amd64', flavour: 'slim-x' }],
    ['{a}-{b}', '1-2-3', { a: '1', b: '2-3' }],
    ['{version}{arch}', '1.0arm64', { version: '1.0', arch: 'arm64' }],
    [
      '{version}-{os}{osversion?}-{arch}',
      '1.0-windowsltsc2019-amd64',
      { version: '1.0', os: 'windows', osversion: 'ltsc2019', arch: 'amd64' },
    ],
    [
      '{version}-{os}{osversion?}-{arch}',
      '1.0-linux-amd64',
      { version: '1.0', os: 'linux', osversion: '', arch: 'amd64' },
    ],
    ['{version}-{arch}{variant?}', '1.0-armv7', { version: '1.0', arch: 'armv7', variant: '' }],
    ['{version}-{arch}-{variant}', '1.0-arm-v6', { version: '1.0', arch: 'arm', variant: 'v6' }],
    ['{run:int}-{arch}', '0041-amd64', { run: '0041', arch: 'amd64' }],
    ['{v}-{osversion}', '1-10.0.17763', { v: '1', osversion: '10.0.17763' }],
    ['{v}-{osversion}', '1-10.0.17763.1697', { v: '1', osversion: '10.0.17763.1697' }],
    ['{osversion}{rest?}', '10.0.17763.1697', { osversion: '10.0.17763.1697', rest: '' }],
    ['{rest?}{osversion}', 'ltsc2019', { rest: '', osversion: 'ltsc2019' }],
    ['{variant}{flavour?}', 'v6', { variant: 'v6', flavour: '' }],
    ['{flavour?}-{variant}', 'slim-v9', { flavour: 'slim', variant: 'v9' }],
    ['{version:semver}-{arch}', '1.2.3-rc.1-arm64', { version: '1.2.3-rc.1', arch: 'arm64' }],
    ['{version:semver}-{run:int}-{arch}', '1.2.3-4-arm64', { version: '1.2.3', run: '4', arch: 'arm64' }],
  ] as [string, string, Record<string, string>][])('%s reads %s', (text, tag, expected) => {
    expect(matchTemplate(members(text), tag)).toEqual(expected);
  });

  it.each([
    ...['linux', 'windows', 'freebsd', 'darwin', 'netbsd', 'openbsd', 'dragonfly', 'solaris', 'illumos'],
    ...['aix', 'android', 'ios', 'plan9', 'wasip1'],
  ])('knows the system %s', os => {
    expect(matchTemplate(members('{version}-{os}'), `1.0-${os}`)).toEqual({ version: '1.0', os });
    expect(matchTemplate(members('{os}{version?}'), os)).toEqual({ os, version: '' });
  });

  it.each([
    ['{version}-{arch}', '1.0'],
    ['{version}-{arch}', '1.0-mips9'],
    ['{version}-{arch}', '1.0-AMD64'],
    ['{version}-{arch}', '-amd64'],
    ['{version}-{arch}', ''],
    ['{version}-{arch}', '1.0/x-amd64'],
    ['{version}-{arch}', `${'1'.repeat(128)}-amd64`],
    ['{run:int}-{arch}', '1.2-amd64'],
    ['{run:int}-{arch}', 'latest-amd64'],
    ['{version:semver}-{arch}', '1.0-amd64'],
    ['{version:semver}-{arch}', 'v1.0.0-amd64'],
    ['{version:semver}-{arch}', '01.0.0-amd64'],
    ['{version:semver}-{arch}', '1.0.0-01-amd64'],
    ['{version}-{os}', '1.0-beos'],
    ['{version}-{arch}-{variant}', '1.0-arm-v0'],
    ['{version}.{variant}', '1.0.xv6'],
    ['{version}-{variant}', '1.0-v66'],
    ['{version}-{osversion}', '1.0-LTSC2019'],
    ['{version}-{osversion}', '1.0-ltsc2017'],
    ['{version}-{osversion}', '1.0-10.0.1776'],
    ['{version}-{osversion}', '1.0-10.0.17763.'],
    ['{version}-{osversion}', '1.0-10.0.17763.123456'],
    ['{version}-{osversion}', '1.0-10.0.abcde'],
    ['{version}-{osversion}', '1.0-10.0.17763.x'],
    ['x{osversion}', 'x110.0.17763'],
    ['{arch}', 'amd64 '],
  ])('%s does not read %j', (text, tag) => {
    expect(matchTemplate(members(text), tag)).toBeUndefined();
  });

  it('reads the parts of a version out of a floating target', () => {
    const template = target('v{version.major}.{version.minor}');
    expect(matchTemplate(template, 'v1.10')).toEqual({ 'version.major': '1', 'version.minor': '10' });
    expect(matchTemplate(template, 'v1.01')).toBeUndefined();
    expect(matchTemplate(template, 'v1.x')).toBeUndefined();
  });

  it('finds a reading although the shortest first value leads nowhere', () => {
    expect(matchTemplate(members('{a}-x-{b}-{arch}'), '1-x-x-2-arm-arm64')).toEqual({
      a: '1',
      b: 'x-2-arm',
      arch: 'arm64',
    });
  });

  it('answers soon for a tag made to be slow', () => {
    const template = members('{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}-{arch}');
    const started = process.cpuUsage();
    expect(matchTemplate(template, 'a-'.repeat(64).slice(0, 127))).toBeUndefined();
    // Its own time, whatever else the machine does.
    expect(process.cpuUsage(started).user).toBeLessThan(500_000);
  });

  it('finds no capture by inheritance', () => {
    expect(renderTemplate(members('{constructor}-{arch}'), { arch: 'amd64' })).toBeUndefined();
  });
});

describe('renderTemplate', () => {
  it('works out the parts of a version', () => {
    const template = target('{version.major}.{version.minor}');
    expect(renderTemplate(template, { version: '1.10.3' })).toBe('1.10');
    expect(renderTemplate(template, { 'version.major': '2', 'version.minor': '0' })).toBe('2.0');
    expect(renderTemplate(template, { version: '1.10' })).toBeUndefined();
  });

  it.each([
    ['{version}', {}],
    ['{version}', { version: '' }],
    ['{version}', { version: '-1' }],
    ['{version}', { version: 'a/b' }],
    ['{version}', { version: '1'.repeat(129) }],
  ])('%s makes no tag of %j', (text, captures) => {
    expect(renderTemplate(target(text), captures)).toBeUndefined();
  });

  it('refuses a value that is not of the type', () => {
    const typed = withTypes(target('b{run}'), members('{run:int}-{arch}'));
    expect(renderTemplate(typed, { run: '7' })).toBe('b7');
    expect(renderTemplate(typed, { run: 'x' })).toBeUndefined();
  });
});

describe('a template', () => {
  const part = fc.oneof(
    fc.constantFrom('-', '.', '_', 'x', 'v1', '-rc'),
    fc.constantFrom('{a}', '{b?}', '{n:int}', '{s:semver}', '{arch}', '{os}', '{variant?}', '{osversion?}'),
  );
  const template = fc
    .array(part, { minLength: 1, maxLength: 6 })
    .map(parts => parts.join(''))
    .filter(text => {
      try {
        return parseTemplate(text) !== undefined;
      } catch {
        return false;
      }
    })
    .map(text => parseTemplate(text));
  const value = fc.stringMatching(/^[A-Za-z0-9_.-]{1,10}$/);
  const captures = fc.record({
    a: value,
    b: fc.oneof(fc.constant(''), value),
    n: fc.nat().map(String),
    s: fc.constantFrom('1.2.3', '0.0.1-rc.1', '10.20.30'),
    arch: fc.constantFrom('amd64', 'arm', 'x86-64', 'aarch64'),
    os: fc.constantFrom('linux', 'windows'),
    variant: fc.constantFrom('', 'v6', 'v8'),
    osversion: fc.constantFrom('', 'ltsc2022', '10.0.17763.1697'),
  });

  it('reads each tag that it renders, and renders it again from what it read', () => {
    fc.assert(
      fc.property(template, captures, (t, given) => {
        const tag = renderTemplate(t, given);
        if (tag === undefined) return;
        const read = matchTemplate(t, tag);
        expect(read).toBeDefined();
        expect(renderTemplate(t, read!)).toBe(tag);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads any tag at most as something that renders to it', () => {
    fc.assert(
      fc.property(template, value, (t, tag) => {
        const read = matchTemplate(t, tag);
        if (read !== undefined) expect(renderTemplate(t, read)).toBe(tag);
      }),
    );
  });
});
