import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareNewest, type ListedTag, type TagWindow, WINDOW } from '../../../lib/events/recent-pushes.ts';
import { digestOf } from '../../../lib/image/digest.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();
const held = (tag: string, minute: number, content = tag): ListedTag => ({
  tag,
  digest: digestOf(Buffer.from(content)),
  pushedAt: at(minute),
});
const SINCE = at(10);
const ask = { limit: 3, since: SINCE };
const told = (before: TagWindow | undefined, newest: readonly ListedTag[], options = ask) =>
  compareNewest(before, newest, options).changes.map(({ tag, action }) => `${action} ${tag}`);
const seen = (...newest: ListedTag[]) => compareNewest(undefined, newest, ask).window;

describe('compareNewest', () => {
  it('takes what is newer than the beginning for new in a repository that was never looked at', () => {
    expect(told(undefined, [held('b', 11), held('a', 9)])).toEqual(['push b']);
    expect(told(undefined, [held('a', 10)])).toEqual([]);
  });

  it('finds nothing where nothing has changed', () => {
    const newest = [held('b', 20), held('a', 9)];
    expect(told(seen(...newest), newest)).toEqual([]);
  });

  it('finds a new tag, and one that moved with a new time', () => {
    const before = seen(held('b', 12), held('a', 11));
    expect(told(before, [held('c', 14), held('a', 13, 'other'), held('b', 12)])).toEqual([
      'push c',
      'push a',
    ]);
  });

  it('finds a tag that was pushed again with what it held', () => {
    expect(told(seen(held('a', 11)), [held('a', 12)])).toEqual(['push a']);
  });

  it('finds a tag that moved without a new time only while it is among the newest', () => {
    const before = seen(held('c', 13), held('b', 12), held('a', 11));
    expect(told(before, [held('c', 13), held('b', 12, 'other'), held('a', 11)])).toEqual(['push b']);
    const later = seen(held('e', 15), held('d', 14), held('c', 13));
    expect(told(later, [held('e', 15), held('d', 14), held('c', 13)])).toEqual([]);
  });

  it('finds a tag that is gone, and takes none for gone that is only out of sight', () => {
    expect(told(seen(held('b', 12), held('a', 11)), [held('a', 11)])).toEqual(['delete b']);
    const before = seen(held('c', 13), held('b', 12), held('a', 11));
    expect(told(before, [held('e', 15), held('d', 14), held('c', 13)])).toEqual(['push e', 'push d']);
    expect(told(before, [held('d', 14), held('b', 12), held('a', 11)])).toEqual(['push d', 'delete c']);
  });

  it('takes old tags for old that come into sight because newer ones are gone', () => {
    const before = seen(held('d', 14), held('c', 13), held('b', 12));
    expect(told(before, [held('c', 13), held('b', 12), held('a', 11)])).toEqual(['delete d']);
  });

  it('says that there may be more where everything it was shown is new', () => {
    const before = seen(held('a', 11));
    const many = [held('d', 14), held('c', 13), held('b', 12)];
    expect(compareNewest(before, many, ask).more).toBe(true);
    expect(compareNewest(before, [...many, held('a', 11)], { ...ask, limit: 4 }).more).toBe(false);
    expect(compareNewest(before, many.slice(1), ask).more).toBe(false);
    expect(compareNewest(undefined, many, { ...ask, since: at(13) }).more).toBe(false);
  });

  it('remembers no more than a window, and where it ends', () => {
    const many = Array.from({ length: 2 * WINDOW }, (_, index) => held(`t${index}`, 200 - index));
    const { window } = compareNewest(undefined, many, { limit: 2 * WINDOW, since: SINCE });
    expect(Object.keys(window.tags)).toHaveLength(WINDOW);
    expect(window.floor).toBe(at(200 - WINDOW + 1));
    expect(seen(held('a', 11))).not.toHaveProperty('floor');
  });

  it('knows tags by any name, and survives being stored', () => {
    const newest = [held('constructor', 12), held('__proto__', 11)];
    expect(told(undefined, newest)).toEqual(['push constructor', 'push __proto__']);
    const stored = JSON.parse(JSON.stringify(seen(...newest))) as TagWindow;
    expect(told(stored, newest)).toEqual([]);
    expect(told(stored, [held('toString', 13), ...newest], { ...ask, limit: 9 })).toEqual(['push toString']);
  });

  it('takes a tag without a time for new once, and again when it holds something else', () => {
    const untimed = (content: string): ListedTag => ({ tag: 'a', digest: digestOf(Buffer.from(content)) });
    expect(told(undefined, [untimed('one')])).toEqual(['push a']);
    expect(told(seen(untimed('one')), [untimed('one')])).toEqual([]);
    expect(told(seen(untimed('one')), [untimed('two')])).toEqual(['push a']);
  });

  it('misses no push whose time is its own, however looks and pushes fall', () => {
    const act = fc.record({
      tag: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      content: fc.integer({ max: 3, min: 0 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(act, { maxLength: 4 }), { maxLength: 8 }), rounds => {
        const tags = new Map<string, ListedTag>();
        let minute = 11;
        let before: TagWindow | undefined;
        const limit = 4;
        for (const round of rounds) {
          const pushed = new Set<string>();
          for (const { tag, content } of round) {
            tags.set(tag, held(tag, minute++, `${tag}${content}`));
            pushed.add(tag);
          }
          const all = [...tags.values()].toSorted((x, y) => (x.pushedAt! < y.pushedAt! ? 1 : -1));
          const found = compareNewest(before, all.slice(0, limit), { limit, since: SINCE });
          before = found.window;
          const names = found.changes.map(({ tag }) => tag);
          expect(found.changes.every(({ action }) => action === 'push')).toBe(true);
          expect(new Set(names)).toEqual(pushed);
        }
      }),
    );
  });
});
