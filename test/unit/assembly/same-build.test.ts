import { describe, expect, it } from '@jest/globals';
import { sameBuild } from '../../../lib/assembly/same-build.ts';
import { image } from './a-question.ts';

type Mode = Parameters<typeof sameBuild>[0]['sameBuild']['mode'];

function of(mode: Mode, labels: readonly string[], ...images: readonly Readonly<Record<string, string>>[]) {
  const choices = images.map((values, at) => ({
    image: { ...image('a', ['amd64', 'arm64', 'arm'][at]!), labels: values },
  }));
  return sameBuild({ sameBuild: { labels: [...labels], mode } }, choices);
}

describe('sameBuild', () => {
  it('is told by a label that all have alike, which also names the build', () => {
    expect(of('strict', ['r'], { r: '1' }, { r: '1' })).toEqual({
      same: true,
      labelled: true,
      revision: '1',
    });
  });

  it('is not told where nobody has a label', () => {
    expect(of('strict', ['r'], {}, {})).toEqual({ same: true, labelled: false });
    expect(of('strict', [], { r: '1' }, { r: '2' })).toEqual({ same: true, labelled: false });
  });

  it('counts a missing label as another value, unless it is lenient', () => {
    expect(of('strict', ['r'], { r: '1' }, {})).toEqual({
      same: false,
      builds: [
        { platform: 'linux/amd64', build: '1' },
        { platform: 'linux/arm64', build: undefined },
      ],
    });
    expect(of('lenient', ['r'], {}, { r: '1' })).toEqual({ same: true, labelled: true, revision: '1' });
    expect(of('lenient', ['r'], { r: '2' }, {}, { r: '1' })).toMatchObject({ same: false });
  });

  it('looks at every label, shows the first and is told by any', () => {
    expect(of('strict', ['r', 's'], { s: '1' }, { s: '2' })).toMatchObject({
      same: false,
      builds: [{ build: '1' }, { build: '2' }],
    });
    expect(of('strict', ['r', 's'], { s: '1' }, { s: '1' })).toEqual({ same: true, labelled: true });
  });

  it('asks nothing where it is off, and shows a build all the same', () => {
    expect(of('off', ['r'], {}, { r: '1' })).toEqual({ same: true, labelled: false, revision: '1' });
    expect(of('off', ['r'], { r: '2' }, { r: '1' })).toEqual({ same: true, labelled: false, revision: '2' });
  });
});
