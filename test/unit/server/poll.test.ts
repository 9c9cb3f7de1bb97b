import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { Push } from '../../../lib/events/push.ts';
import type { TagWindow } from '../../../lib/events/recent-pushes.ts';
import { type Digest, digestOf } from '../../../lib/image/digest.ts';
import type { TagEntry } from '../../../lib/registry/interfaces.ts';
import { type PollOptions, pollRegistry } from '../../../lib/server/poll.ts';
import { PollMemory } from '../../../lib/server/poll-memory.ts';
import { ruleOf } from '../../support/rule.ts';

const HOST = 'contoso.azurecr.io';
const START = Date.UTC(2026, 10, 22, 10);
const digest = (text: string): Digest => digestOf(Buffer.from(text));

/** A registry of tags alone, a minute between two looks, and what was handed on. */
function setUp(more: Partial<PollOptions> = {}) {
  const clock = { now: START };
  const content = new Map<string, Map<string, TagEntry>>();
  const asked: string[] = [];
  const broken = new Map<string, unknown>();
  const taken: Push[] = [];
  const reader = {
    async *listRepositories() {
      asked.push('catalogue');
      if (broken.has('catalogue')) throw broken.get('catalogue');
      yield [...content.keys()];
    },
    async newestTags(repository: string, limit: number) {
      asked.push(`${repository} ${limit}`);
      if (broken.has(repository)) throw broken.get(repository);
      const tags = [...(content.get(repository)?.values() ?? [])];
      return tags.toSorted((a, b) => (a.pushedAt! < b.pushedAt! ? 1 : -1)).slice(0, limit);
    },
  };
  const options: PollOptions = {
    registry: HOST,
    reader,
    rules: [ruleOf(HOST)],
    store: new PollMemory(),
    take: pushes => void taken.push(...pushes),
    now: () => clock.now,
    ...more,
  };
  const push = (repository: string, tag: string, text = tag) => {
    const tags = content.get(repository) ?? new Map<string, TagEntry>();
    content.set(repository, tags);
    clock.now += 1;
    tags.set(tag, { tag, digest: digest(text), pushedAt: new Date(clock.now).toISOString() });
  };
  const poll = async () => {
    clock.now += 60_000;
    asked.splice(0);
    taken.splice(0);
    const result = await pollRegistry(options);
    return { ...result, tags: taken.map(({ repository, tag, action }) => `${action} ${repository}:${tag}`) };
  };
  return { clock, content, asked, broken, taken, push, poll, options };
}

describe('pollRegistry', () => {
  it('leaves what was there at its beginning alone, and finds every push after it with one request', async () => {
    const { push, poll, asked } = setUp();
    push('team/app', '1.0-amd64');
    expect((await poll()).tags).toEqual([]);
    push('team/app', '1.0-arm64');
    push('team/app', '1.1-amd64');
    expect((await poll()).tags).toEqual(['push team/app:1.1-amd64', 'push team/app:1.0-arm64']);
    expect(asked).toEqual(['catalogue', 'team/app 50']);
    expect((await poll()).tags).toEqual([]);
  });

  it('hands on a push as an event with what the tag holds, when, and an id of this look', async () => {
    const { push, poll, taken, clock } = setUp();
    await poll();
    push('team/app', '1.0-amd64', 'image');
    const pushedAt = new Date(clock.now).toISOString();
    await poll();
    const seenAt = new Date(clock.now).toISOString();
    expect(taken).toEqual([
      {
        registry: HOST,
        repository: 'team/app',
        tag: '1.0-amd64',
        digest: digest('image'),
        action: 'push',
        time: pushedAt,
        id: `poll:team/app:1.0-amd64@${seenAt}`,
      },
    ]);
  });

  it('sees a tag that goes and comes back as two moves with two ids', async () => {
    const { push, poll, taken } = setUp();
    await poll();
    const ids = [];
    for (const text of ['one', 'two', 'one']) {
      push('team/app', '1.0-amd64', text);
      await poll();
      ids.push(taken[0]?.id);
    }
    expect(new Set(ids).size).toBe(3);
  });

  it('takes everything in a repository that is new for new', async () => {
    const { push, poll } = setUp();
    push('team/old', '1.0-amd64');
    await poll();
    push('team/new', '1.0-amd64');
    expect((await poll()).tags).toEqual(['push team/new:1.0-amd64']);
  });

  it('takes what is older than its beginning for old where it could not be read then', async () => {
    const { push, poll, broken } = setUp();
    push('team/app', '1.0-amd64');
    broken.set('team/app', new ArchweaveError({ code: 'unreachable', attempt: 'read' }));
    expect((await poll()).failures).toMatchObject([
      { repository: 'team/app', error: { code: 'unreachable' } },
    ]);
    push('team/app', '1.1-amd64');
    broken.clear();
    expect((await poll()).tags).toEqual(['push team/app:1.1-amd64']);
  });

  it('asks for more where all of a full list is new, and once more at most', async () => {
    const { push, poll, asked } = setUp();
    push('team/app', 'first');
    await poll();
    for (let run = 0; run < 70; run++) push('team/app', `${run}.0-amd64`);
    expect((await poll()).pushes).toBe(70);
    for (let run = 100; run < 300; run++) push('team/app', `${run}.0-amd64`);
    expect((await poll()).pushes).toBe(100);
    expect(asked).toEqual(['catalogue', 'team/app 50', 'team/app 100']);
  });

  it('finds a push again that could not be handed on', async () => {
    const fails = { now: false };
    const taken: string[] = [];
    const { push, poll } = setUp({
      take: pushes => {
        if (fails.now && pushes.length > 0) throw new Error('the queue is away');
        taken.push(...pushes.map(({ tag }) => tag ?? ''));
      },
    });
    await poll();
    push('team/app', '1.0-amd64');
    fails.now = true;
    expect((await poll()).failures).toMatchObject([{ repository: 'team/app' }]);
    fails.now = false;
    await poll();
    expect(taken).toEqual(['1.0-amd64']);
  });

  it('asks for repositories that rules want and no others, also without a catalogue', async () => {
    const rules = [ruleOf(HOST, { patterns: ['team/app'] })];
    const { push, poll, asked, broken } = setUp({ rules });
    push('other/app', '1.0-amd64');
    await poll();
    expect(asked).toEqual(['catalogue', 'team/app 50']);
    broken.set('catalogue', new ArchweaveError({ code: 'forbidden', attempt: 'list repositories' }));
    await poll();
    expect(asked).toEqual(['catalogue', 'team/app 50']);
  });

  it('goes on with what it knows where the catalogue fails, and tells of it where it knows nothing', async () => {
    const { push, poll, broken } = setUp();
    broken.set('catalogue', new ArchweaveError({ code: 'forbidden', attempt: 'list repositories' }));
    expect((await poll()).failures).toMatchObject([{ error: { code: 'forbidden' } }]);
    broken.clear();
    push('team/app', '1.0-amd64');
    await poll();
    broken.set('catalogue', new ArchweaveError({ code: 'forbidden', attempt: 'list repositories' }));
    push('team/app', '1.1-amd64');
    expect(await poll()).toMatchObject({ failures: [], tags: ['push team/app:1.1-amd64'] });
  });

  it('stores a window only when it has changed', async () => {
    const stored: string[] = [];
    class Noting extends PollMemory {
      override async setWindow(registry: string, repository: string, window: TagWindow) {
        stored.push(repository);
        return await super.setWindow(registry, repository, window);
      }
    }
    const { push, poll } = setUp({ store: new Noting() });
    push('team/app', '1.0-amd64');
    await poll();
    await poll();
    expect(stored).toEqual(['team/app']);
  });

  it('stops where it is told to', async () => {
    const { options, push } = setUp();
    push('team/app', '1.0-amd64');
    await expect(pollRegistry(options, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
