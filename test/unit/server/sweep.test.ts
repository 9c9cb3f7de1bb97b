import { describe, expect, it } from '@jest/globals';
import type { WakeUp } from '../../../lib/assembly/wake-up.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { Push } from '../../../lib/events/push.ts';
import { type Digest, digestOf } from '../../../lib/image/digest.ts';
import type { TagEntry } from '../../../lib/registry/interfaces.ts';
import type { Rule } from '../../../lib/rules/rule.ts';
import { createSweep, type SweepOptions } from '../../../lib/server/sweep.ts';
import { TagMemo } from '../../../lib/server/tag-memo.ts';
import { ruleOf } from '../../support/rule.ts';

type Tags = Record<string, Digest>;
const digest = (text: string): Digest => digestOf(Buffer.from(text));

/** A registry of tags alone that counts what it is asked. */
function setUp(
  content: Record<string, Tags>,
  more: Partial<SweepOptions> & { readonly telling?: boolean; readonly rules?: readonly Rule[] } = {},
) {
  const { telling = true, ...options } = more;
  const asked: string[] = [];
  const woken: WakeUp[] = [];
  const broken = new Map<string, unknown>();
  const reader = {
    async *listRepositories() {
      asked.push('catalogue');
      if (broken.has('catalogue')) throw broken.get('catalogue');
      yield Object.keys(content);
    },
    async *listTags(repository: string): AsyncGenerator<readonly TagEntry[]> {
      asked.push(`list ${repository}`);
      const entries = Object.entries(content[repository] ?? {});
      for (let start = 0; start < entries.length; start += 2) {
        if (start > 0 && broken.has(repository)) throw broken.get(repository);
        yield entries
          .slice(start, start + 2)
          .map(([tag, held]) => (telling ? { tag, digest: held } : { tag }));
      }
      if (broken.has(repository)) throw broken.get(repository);
    },
    async resolveReferences(repository: string, tags: readonly string[]) {
      asked.push(`resolve ${tags.length} of ${repository}`);
      return new Map(tags.map(tag => [tag, content[repository]?.[tag]]));
    },
  };
  const sweep = createSweep({
    registry: 'r',
    reader,
    rules: [ruleOf('r')],
    wake: wakeUp => woken.push(wakeUp),
    now: () => Date.parse('2026-11-22T10:00:00Z'),
    ...options,
  });
  const run = async ({ first = false } = {}) => {
    asked.splice(0);
    woken.splice(0);
    const result = await sweep.run({ first });
    const targets = woken.map(wakeUp =>
      wakeUp.kind === 'verify' ? `${wakeUp.repository}:${wakeUp.target}` : 'group',
    );
    return { ...result, targets: targets.toSorted(), woken: [...woken], asked: [...asked] };
  };
  return { content, sweep, run, broken };
}

const push = (tag: string, held: Digest | undefined, more: Partial<Push> = {}): Push => ({
  registry: 'r',
  repository: 'app',
  tag,
  ...(held !== undefined && { digest: held }),
  action: 'push',
  time: '2026-11-22T10:00:00Z',
  id: '1',
  ...more,
});

describe('a sweep', () => {
  it('wakes each target that is there or could be made, once, and says why', async () => {
    const { run } = setUp({
      app: {
        '1.0-amd64': digest('a'),
        '1.0-arm64': digest('b'),
        '2.0': digest('c'),
        '3.0-arm64': digest('d'),
      },
      'team/web': { '1.0-amd64': digest('a') },
    });
    const { targets, woken, ...result } = await run();
    expect(targets).toEqual(['app:1.0', 'app:2.0', 'app:3.0', 'team/web:1.0']);
    expect(result).toMatchObject({ repositories: 2, tags: 5, wakeUps: 4, failures: [] });
    expect(woken.find(({ repository }) => repository === 'app')).toEqual({
      kind: 'verify',
      registry: 'r',
      repository: 'app',
      rule: 'built in',
      target: '1.0',
      captures: { version: '1.0' },
      cause: {
        source: 'sweep',
        id: 'sweep:r/app@2026-11-22T10:00:00.000Z',
        time: '2026-11-22T10:00:00.000Z',
      },
    });
  });

  it('wakes nothing where nothing changed, and only what did where something did', async () => {
    const { run, content } = setUp({
      app: {
        '1.0-amd64': digest('a'),
        '1.0-arm64': digest('b'),
        '1.0': digest('c'),
        '2.0-amd64': digest('d'),
        '3.0': digest('e'),
      },
    });
    await run();
    expect((await run()).targets).toEqual([]);
    content.app!['1.0-amd64'] = digest('a2');
    expect((await run()).targets).toEqual(['app:1.0']);
    content.app!['4.0-arm64'] = digest('f');
    expect((await run()).targets).toEqual(['app:4.0']);
    delete content.app!['3.0'];
    delete content.app!['2.0-amd64'];
    expect((await run()).targets).toEqual(['app:2.0', 'app:3.0']);
    expect((await run()).targets).toEqual([]);
  });

  it('resolves tags that the listing does not tell, a hundred at once and only those a rule cares for', async () => {
    const { run, content } = setUp(
      { app: {} },
      { telling: false, rules: [ruleOf('r', { exclude: ['sha-*'] })] },
    );
    for (let n = 0; n < 150; n += 1) {
      content.app![`1.${n}-amd64`] = digest(`a${n}`);
      content.app![`sha-${n}`] = digest(`b${n}`);
    }
    const { asked, tags } = await run();
    expect(asked).toEqual(['catalogue', 'list app', 'resolve 100 of app', 'resolve 50 of app']);
    expect(tags).toBe(150);
    content.app!['1.7-amd64'] = digest('new');
    expect((await run()).targets).toEqual(['app:1.7']);
  });

  it('wakes a target of many builds once', async () => {
    const rule = ruleOf('r', {
      members: '{run:int}-{arch}',
      targets: ['{run}', 'latest'],
      newest: { by: 'captures', captures: ['run'] },
    });
    const tags = Array.from({ length: 6 }, (_, n) => [
      `${n >> 1}-${n % 2 ? 'amd64' : 'arm64'}`,
      digest(String(n)),
    ]);
    const { run } = setUp({ app: Object.fromEntries(tags) }, { rules: [rule] });
    expect((await run()).targets).toEqual(['app:0', 'app:1', 'app:2', 'app:latest']);
  });

  it('leaves repositories alone that no rule is for', async () => {
    const content = {
      'team/app': { '1.0-amd64': digest('a') },
      other: { '1.0-amd64': digest('a') },
      'team/base': {},
    };
    const { run } = setUp(content, { rules: [ruleOf('r', { patterns: ['team/*', '!team/base'] })] });
    expect((await run()).asked).toEqual(['catalogue', 'list team/app']);
  });

  it('does not let a repository that fails starve the others, and comes back to it', async () => {
    const { run, broken } = setUp({
      a: { '1.0-amd64': digest('a') },
      b: { '1.0-amd64': digest('a'), '1.0-arm64': digest('b'), '2.0-amd64': digest('c') },
      c: { '1.0-amd64': digest('a') },
    });
    const error = new ArchweaveError({ code: 'registry-failed', attempt: 'list b', retryable: true });
    broken.set('b', error);
    const swept = await run();
    expect(swept.targets).toEqual(['a:1.0', 'c:1.0']);
    expect(swept.failures).toEqual([{ repository: 'b', error }]);
    broken.clear();
    expect((await run()).targets).toEqual(['b:1.0', 'b:2.0']);
  });

  it('takes a repository that is gone for one without tags', async () => {
    const { run, broken, content } = setUp({ app: { '1.0-amd64': digest('a'), '1.0': digest('b') } });
    await run();
    content.app = {};
    broken.set('app', new ArchweaveError({ code: 'no-repository', attempt: 'list app' }));
    const swept = await run();
    expect([swept.targets, swept.failures]).toEqual([['app:1.0'], []]);
    delete content.app;
    expect((await run()).targets).toEqual([]);
  });

  it('looks at repositories that rules name, or that are known, where the registry lists none', async () => {
    const content = {
      named: { '1.0-amd64': digest('a') },
      'team/x': { '2.0-amd64': digest('b') },
      hidden: {},
    };
    const rules = [ruleOf('r', { patterns: ['named', 'team/*'] })];
    const { run, broken } = setUp(content, { rules, known: async () => ['team/x', 'hidden'] });
    broken.set('catalogue', new ArchweaveError({ code: 'unsupported', attempt: 'list repositories' }));
    const swept = await run();
    expect([swept.targets, swept.failures]).toEqual([['named:1.0', 'team/x:2.0'], []]);
  });

  it('says so where it cannot list and knows of nothing, or the registry fails', async () => {
    const { run, broken } = setUp({ app: {} });
    for (const code of ['unauthorized', 'registry-failed'] as const) {
      const error = new ArchweaveError({ code, attempt: 'list repositories' });
      broken.set('catalogue', error);
      expect((await run()).failures).toEqual([{ error }]);
    }
  });

  it('tells the first sight of a registry from what came later', async () => {
    const { run, content } = setUp({ app: { '1.0-amd64': digest('a') } });
    const sources = async (first: boolean) => (await run({ first })).woken.map(({ cause }) => cause.source);
    expect(await sources(true)).toEqual(['first-sweep']);
    content.app!['2.0-amd64'] = digest('b');
    expect(await sources(true)).toEqual(['sweep']);
  });

  it('does not wake again what an event told, and wakes again what came to nothing', async () => {
    const { run, sweep, content } = setUp({ app: { '1.0-amd64': digest('a'), '2.0': digest('b') } });
    await run();
    content.app = { '1.0-amd64': digest('a2'), '3.0-amd64': digest('c') };
    sweep.note(push('1.0-amd64', digest('a2')));
    sweep.note(push('3.0-amd64', digest('c')));
    sweep.note(push('2.0', undefined, { action: 'delete' }));
    expect((await run()).targets).toEqual([]);
    sweep.note(push('1.0-amd64', digest('stale')));
    expect((await run()).targets).toEqual(['app:1.0']);
    sweep.forget('app');
    expect((await run()).targets).toEqual(['app:1.0', 'app:3.0']);
  });

  it('looks at everything each time where it may not remember', async () => {
    const { run } = setUp({ app: { '1.0-amd64': digest('a') } }, { memo: new TagMemo(0) });
    expect((await run()).targets).toEqual(['app:1.0']);
    expect((await run()).targets).toEqual(['app:1.0']);
  });

  it('ends when it is told to', async () => {
    const { sweep } = setUp({ app: {} });
    await expect(sweep.run({ first: false, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});
