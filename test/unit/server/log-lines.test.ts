import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { logDocument, logLine } from '../../../lib/server/log-lines.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';

type Facts = ServeEvent extends infer Event ? (Event extends ServeEvent ? Omit<Event, 'at'> : never) : never;

const at = Date.parse('2026-11-22T10:01:31.234Z');
const event = (facts: Facts) => ({ at, ...facts }) as ServeEvent;
const target = { registry: '127.0.0.1:5100', repository: 'app', tag: '1.0' };
const digest = `sha256:4311fa9a6562${'0'.repeat(52)}` as const;
const platforms = ['linux/amd64', 'linux/arm64'];

describe('logLine', () => {
  it.each<[string, Facts]>([
    [
      '10:01:31Z  push       app:1.0-amd64  linux/amd64  sha256:4311fa9a6562',
      { kind: 'push', target: { ...target, tag: '1.0-amd64' }, platforms: ['linux/amd64'], digest },
    ],
    [
      '10:01:31Z  push       app:1.0        sha256:4311fa9a6562',
      { kind: 'push', target, platforms: [], digest },
    ],
    ['10:01:31Z  delete     app:1.0', { kind: 'delete', target, platforms: [] }],
    [
      '10:01:31Z  waiting    app:1.0        1 of 2 there, linux/arm64 is missing',
      { kind: 'waiting', target, reasons: ['1 of 2 there, linux/arm64 is missing'], platforms: [] },
    ],
    [
      '10:01:31Z  held       app:1.0        one; two',
      { kind: 'held', target, reasons: ['one', 'two'], platforms: [] },
    ],
    [
      '10:01:31Z  overdue    app:1.0        1 of 2 there, linux/arm64 is missing',
      { kind: 'overdue', target, reasons: ['1 of 2 there, linux/arm64 is missing'], platforms: [] },
    ],
    [
      '10:01:31Z  planned    app:1.0        linux/amd64 linux/arm64  not written: the mode is report',
      { kind: 'planned', target, reasons: [], platforms },
    ],
    [
      '10:01:31Z  published  app:1.0        linux/amd64 linux/arm64  sha256:4311fa9a6562  in 21 ms',
      { kind: 'published', target, platforms, digest, took: 20.7, found: false },
    ],
    [
      '10:01:31Z  published  app:1.0        linux/amd64 linux/arm64  sha256:4311fa9a6562  in 12 s, found by looking, no event came  was held',
      { kind: 'published', target, platforms, digest, took: 12_300, found: true, resolves: 'held' },
    ],
    [
      '10:01:31Z  failing    team/app       cannot read it: nothing answers  [unreachable]  trying again',
      {
        kind: 'failing',
        registry: 'r',
        repository: 'team/app',
        wakeUps: 1,
        error: new ArchweaveError({ code: 'unreachable', attempt: 'read it' }),
      },
    ],
    [
      '10:01:31Z  given up   team/app       TypeError  [internal]  the next sweep looks again',
      {
        kind: 'given-up',
        registry: 'r',
        repository: 'team/app',
        wakeUps: 2,
        error: new TypeError('the secret'),
      },
    ],
    [
      '10:01:31Z  unread     lan:5000       something was thrown  [internal]',
      { kind: 'unreadable', registry: 'lan:5000', error: 'the secret' },
    ],
    [
      '10:01:31Z  read       team/app       can be read again',
      { kind: 'readable-again', registry: 'lan', repository: 'team/app' },
    ],
    [
      '10:01:31Z  event      lan            the first event of lan:5000 came',
      { kind: 'first-event', hook: 'lan', registry: 'lan:5000' },
    ],
  ])('writes %s', (line, facts) => {
    expect(logLine(event(facts))).toBe(line);
  });

  it('lets nobody move the cursor, reorder the line or fill the screen', () => {
    const line = logLine(
      event({ kind: 'held', target, reasons: ['a\u001b[2Jb\nc\u202ed', 'x'.repeat(5_000)], platforms: [] }),
    );
    expect(line).toContain('a\\u001b[2Jb\\u000ac\\u202ed');
    expect(line.length).toBeLessThan(300);
  });
});

describe('logDocument', () => {
  it('is the event with its time and its facts', () => {
    expect(
      logDocument(event({ kind: 'published', target, platforms, digest, took: 21, found: true })),
    ).toEqual({
      time: '2026-11-22T10:01:31.234Z',
      event: 'published',
      target,
      platforms,
      digest,
      took: 21,
      found: true,
    });
  });

  it('tells an error by code and message, and one that nobody wrote for people by its kind', () => {
    const told = (error: unknown) => logDocument(event({ kind: 'unreadable', registry: 'lan', error })).error;
    const error = new ArchweaveError({
      code: 'throttled',
      attempt: 'list lan',
      cause: new Error('Bearer secret'),
    });
    expect(told(error)).toEqual({ code: 'throttled', message: error.message });
    expect(told(new RangeError('Bearer secret'))).toEqual({ code: 'internal', message: 'RangeError' });
  });
});
