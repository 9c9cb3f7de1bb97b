import { describe, expect, it } from '@jest/globals';
import { ask, choice, complete, holding, MINUTE, target, told } from './a-question.ts';
import { aRule, START } from './a-world.ts';

describe('an own tag that tells no build', () => {
  const unlabelled = (...chosen: ReturnType<typeof choice>[]) => complete({ labelled: false, chosen });
  const ago = (milliseconds: number) => new Date(START - milliseconds).toISOString();
  const half = target(
    holding([
      ['a', 'amd64'],
      ['d', 'arm64'],
    ]),
  );

  it('settles from the last of several pushes', () => {
    const three = aRule({ settle: 10 * MINUTE });
    const state = target(
      holding([
        ['a', 'amd64'],
        ['d', 'arm64'],
        ['e', 'riscv64'],
      ]),
    );
    const resolution = unlabelled(
      choice('a', 'amd64'),
      choice('b', 'arm64', { pushedAt: ago(20 * MINUTE) }),
      choice('c', 'riscv64', { pushedAt: ago(MINUTE) }),
    );
    expect(ask({ rule: three, target: state, resolution })).toMatchObject({
      kind: 'waiting',
      reasons: [{ code: 'partial', platforms: ['linux/amd64'], settlesIn: 9 * MINUTE }],
    });
  });

  it('does not settle where that is switched off, and not for an optional platform', () => {
    const resolution = unlabelled(choice('a', 'amd64'), choice('b', 'arm64', { pushedAt: ago(0) }));
    expect(told(ask({ target: half, resolution }))).toBe('waiting partial');
    expect(told(ask({ rule: aRule({ settle: 0, partial: 'hold' }), target: half, resolution }))).toBe(
      'publish',
    );
    const optional = unlabelled(
      choice('a', 'amd64'),
      choice('b', 'arm64', { required: false, pushedAt: ago(0) }),
    );
    expect(told(ask({ target: half, resolution: optional }))).toBe('publish');
    const added = unlabelled(
      choice('a', 'amd64'),
      choice('d', 'arm64'),
      choice('e', 's390x', { required: false }),
    );
    expect(
      told(ask({ rule: aRule({ settle: 10 * MINUTE, partial: 'hold' }), target: half, resolution: added })),
    ).toBe('publish');
  });
});
