import { describe, expect, it } from '@jest/globals';
import { load } from './loaded.ts';

describe('two writers', () => {
  const two = (first: string, second: string) =>
    load(
      `indexes:\n  - {${first}, platforms: [linux/amd64]}\n  - {${second}, platforms: [linux/amd64]}\n`,
    ).findings.map(({ code }) => code);

  it.each([
    ['repositories: [r.example/team/*]', 'repositories: [r.example/*/app]'],
    ['repositories: [r.example/*]', 'repositories: [r.example/a], members: "{arch}-{version}"'],
    [
      'repositories: [r.example/a], members: "v{n}-{arch}", target: "v{n}"',
      'repositories: [r.example/*], members: "v{m}-{arch}", target: ["x{m}", "v{m}"]',
    ],
  ])('are found in %j and %j', (first, second) => {
    expect(two(first, second)).toEqual(['two-writers']);
  });

  it.each([
    ['repositories: [r.example/a/*]', 'repositories: [r.example/b/*]'],
    ['repositories: [r.example/a]', 'repositories: [s.example/a]'],
    ['repositories: [r.example/*, "!r.example/a"]', 'repositories: [r.example/a]'],
    ['repositories: [r.example/a]', 'repositories: [r.example/*, "!r.example/a"]'],
    ['repositories: [r.example/a]', 'repositories: [r.example/a], target: "v{version}"'],
    [
      'repositories: [r.example/a], members: "{v:semver}-{arch}", target: "{v}"',
      'repositories: [r.example/a], members: "{n:int}-{arch}", target: "{n}"',
    ],
  ])('are not found in %j and %j', (first, second) => {
    expect(two(first, second)).toEqual([]);
  });
});

describe('places', () => {
  const placesOf = (text: string) =>
    load(text).findings.map(({ line, column, endColumn, code }) => [line, column, endColumn, code]);

  it('are right in flow style on one line', () => {
    const text = 'indexes: [{repositories: [r.example/*], platforms: [linux/amd64, linux/x64], overdue: 30}]';
    expect(placesOf(text)).toEqual([
      [1, 66, 75, 'bad-platform'],
      [1, 87, 89, 'duration'],
    ]);
  });

  it('lead to where an anchored list was written, once', () => {
    const text = `indexes:
  - repositories: [r.example/a]
    platforms: &both [linux/amd64, linux/x64]
  - repositories: [r.example/b]
    platforms: *both
`;
    expect(placesOf(text)).toEqual([[3, 36, 45, 'bad-platform']]);
  });

  it('lead to the alias of a text', () => {
    const text = `indexes:
  - repositories: [r.example/a]
    platforms: [linux/amd64]
    target: &tag "{version}"
  - repositories: [r.example/a]
    platforms: [linux/amd64]
    target: *tag
`;
    expect(placesOf(text)).toEqual([[7, 13, 17, 'two-writers']]);
  });

  it('lead through merge keys to where a value was written', () => {
    const text = `indexes:
  - &base
    repositories: [r.example/a]
    platforms: [linux/amd64]
    grace: 5
  - <<: *base
    repositories: [r.example/b]
`;
    expect(placesOf(text)).toEqual([[5, 12, 13, 'duration']]);
  });

  it('count characters, in lines of Windows too', () => {
    const text =
      '# \u00e4\u00f6\u{1f600}\r\nindexes:\r\n  - repositories: [r.example/a]\r\n    platforms: [linux/x64]\r\n';
    expect(placesOf(text)).toEqual([[4, 17, 26, 'bad-platform']]);
    expect(load(text).findings[0]!.frame.text).toBe('    platforms: [linux/x64]');
  });

  it('are right inside texts that are quoted or not, and mark all of a text with escapes', () => {
    const at = (target: string) =>
      placesOf(
        `indexes:\n  - repositories: [r.example/a]\n    platforms: [linux/amd64]\n    target: ${target}\n`,
      )[0];
    expect(at('x{tag}')).toEqual([4, 14, 19, 'unknown-capture']);
    expect(at('"x{tag}"')).toEqual([4, 15, 20, 'unknown-capture']);
    expect(at("'x{tag}'")).toEqual([4, 15, 20, 'unknown-capture']);
    expect(at('"\\x78{tag}"')).toEqual([4, 13, 24, 'unknown-capture']);
  });

  it('show the part of an endless line that is marked', () => {
    const [finding] = load(
      `indexes: [{repositories: [${'r.example/a, '.repeat(500)}r.example/b], platforms: [linux/x64]}]`,
    ).findings;
    expect(finding!.frame.text.length).toBeLessThanOrEqual(200);
    expect(finding!.frame.text.slice(finding!.frame.from, finding!.frame.to)).toBe('linux/x64');
  });
});
