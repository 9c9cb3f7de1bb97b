import { describe, expect, it } from '@jest/globals';
import { parseTemplate, TemplateMistake, withTypes } from '../../../lib/rules/parse-template.ts';

describe('parseTemplate', () => {
  it('reads literals, captures and their types, and keeps the text', () => {
    expect(parseTemplate('main-{sha}_{run:int}{osversion?}-{arch}')).toEqual({
      text: 'main-{sha}_{run:int}{osversion?}-{arch}',
      parts: [
        { kind: 'literal', text: 'main-' },
        { kind: 'capture', name: 'sha', type: 'text', optional: false },
        { kind: 'literal', text: '_' },
        { kind: 'capture', name: 'run', type: 'int', optional: false },
        { kind: 'capture', name: 'osversion', type: 'text', optional: true },
        { kind: 'literal', text: '-' },
        { kind: 'capture', name: 'arch', type: 'text', optional: false },
      ],
    });
  });

  it('reads parts of a version in a target', () => {
    expect(parseTemplate('{version.major}.{version.minor}', { target: true }).parts).toEqual([
      { kind: 'derived', name: 'version', field: 'major' },
      { kind: 'literal', text: '.' },
      { kind: 'derived', name: 'version', field: 'minor' },
    ]);
  });

  it.each([
    ['', 'a tag template cannot be empty', 0, 0],
    ['{version-{arch', '"{version-{arch" has a "{" without its "}"', 0, 14],
    ['{version}-{}', '{} is no placeholder; a name has letters, digits and _', 10, 2],
    ['{1a}', '{1a} is no placeholder; a name has letters, digits and _', 0, 4],
    ['{v}/{arch}', '"{v}/{arch}" has a "/", which no tag can have', 3, 1],
    ['{v}+{arch}', '"{v}+{arch}" has a "+", which no tag can have', 3, 1],
    ['{v}}-{arch}', '"{v}}-{arch}" has a "}", which no tag can have', 3, 1],
    ['-{arch}', 'no tag begins with "-"', 0, 1],
    ['{v}-{run:number}', '"number" is no type of a capture; there are int and semver', 4, 12],
    ['{v}-{v}', '{v} is there twice', 4, 3],
    ['{a}{b}-{arch}', 'nothing tells where {a} ends and {b} begins', 3, 3],
    ['{version.major}-{arch}', '{version.major} can only be in a target', 0, 15],
    ['{run:int?}', '{run:int?} cannot have a type; a typed capture is never empty', 0, 10],
    ['{arch:int}', '{arch:int} cannot have a type; its values are known', 0, 10],
    ['{v}-{arch?}', '{arch?} leaves open which member a tag is', 4, 7],
  ])('refuses %j', (text, message, offset, length) => {
    const attempt = () => parseTemplate(text);
    expect(attempt).toThrow(TemplateMistake);
    expect(attempt).toThrow(expect.objectContaining({ message, offset, length }));
  });

  it.each([
    ['{version.major}-{arch}', false, '{version:semver}'],
    ['{version.build}', true, '{version.major}'],
    ['{v}-{arch?}', false, '{arch}'],
    ['{v}-{run:number}', false, '{run:int} or {run:semver}'],
    ['{run:int?}', false, '{run}'],
    ['{run:int}', true, '{run}'],
    ['{a}{b}-{arch}', false, '{a}-{b}'],
  ])('says what to write instead of %j (target: %j)', (text, target, next) => {
    expect(() => parseTemplate(text, { target })).toThrow(
      expect.objectContaining({ next, name: 'TemplateMistake' }),
    );
  });

  it.each([
    ['x'.repeat(513), 'a tag template has at most 512 characters', 0, 513],
    ['{v}-a b/c', '"{v}-a b/c" has a " ", which no tag can have', 5, 1],
    ['abc{v', '"abc{v" has a "{" without its "}"', 3, 2],
    ['{v-x}', '{v-x} is no placeholder; a name has letters, digits and _', 0, 5],
  ])('says where %j is wrong', (text, message, offset, length) => {
    expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ message, offset, length }));
  });

  it('takes a template of 512 characters', () => {
    expect(parseTemplate('x'.repeat(512)).parts).toHaveLength(1);
  });

  it.each(['{version.major:int}', '{version.major?}', '{version.}', '{version.major.minor?}'])(
    'refuses %j, which is no part of a version',
    text => {
      expect(() => parseTemplate(text, { target: true })).toThrow('is no part of a version');
    },
  );

  it('reads each part of a version once', () => {
    const text = '{v.major}-{v.minor}-{v.patch}';
    expect(parseTemplate(text, { target: true }).parts.filter(({ kind }) => kind === 'derived')).toEqual([
      { kind: 'derived', name: 'v', field: 'major' },
      { kind: 'derived', name: 'v', field: 'minor' },
      { kind: 'derived', name: 'v', field: 'patch' },
    ]);
    expect(() => parseTemplate('{v.major}-{v.major}', { target: true })).toThrow('{v} is there twice');
    expect(() => parseTemplate('{v}-{v.major}', { target: true })).toThrow('{v} is there twice');
  });

  it.each([
    ['{version.build}', '{version.build} is no part of a version; there are major, minor and patch'],
    ['{run:int}', '{run:int} cannot have a type; types are said in members'],
    ['{version}-{version.major}', '{version} is there twice'],
  ])('refuses %j as a target', (text, message) => {
    expect(() => parseTemplate(text, { target: true })).toThrow(message);
  });

  it('takes the types of a target from the members', () => {
    const typed = withTypes(parseTemplate('b{run}', { target: true }), parseTemplate('{run:int}-{arch}'));
    expect(typed.parts[1]).toEqual({ kind: 'capture', name: 'run', type: 'int', optional: false });
  });

  it('takes from the members what may be empty, and changes nothing else', () => {
    const of = (target: string, members: string) =>
      withTypes(parseTemplate(target, { target: true }), parseTemplate(members)).parts;
    expect(of('{b}', '{a}-{b?}-{arch}')).toEqual([
      { kind: 'capture', name: 'b', type: 'text', optional: true },
    ]);
    expect(of('x-{b?}', '{b}-{arch}')[1]).toMatchObject({ name: 'b', optional: true });
    expect(of('{b}', '{a?}-{b}-{arch}')).toEqual([
      { kind: 'capture', name: 'b', type: 'text', optional: false },
    ]);
    const derived = parseTemplate('v{b.major}', { target: true });
    expect(withTypes(derived, parseTemplate('{b:semver}-{arch}'))).toEqual(derived);
  });
});
