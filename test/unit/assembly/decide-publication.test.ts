import { describe, expect, it } from '@jest/globals';
import type { Resolution } from '../../../lib/assembly/resolve.ts';
import {
  AB,
  AB_HELD,
  ask,
  choice,
  complete,
  digest,
  holding,
  image,
  MINUTE,
  target,
  told,
} from './a-question.ts';
import { aRule, START } from './a-world.ts';

describe('a first publication', () => {
  const fresh = { pushedAt: new Date(START - MINUTE).toISOString() };
  const dated = complete({ chosen: AB.map(one => ({ ...one, ...fresh })) });

  it('waits on an immutable tag for what is optional, until grace is over', () => {
    const rule = aRule({ grace: 10 * MINUTE, optional: [{ os: 'linux', architecture: 's390x' }] });
    const question = {
      rule,
      target: target({ kind: 'absent' }, { immutable: true }),
      resolution: { ...dated, missingOptional: rule.optional } as Resolution,
    };
    const waiting = ask(question);
    expect(told(waiting)).toBe('waiting optional-grace');
    expect(waiting).toMatchObject({ dueAt: START + 9 * MINUTE, reasons: [{ left: 9 * MINUTE }] });
    expect(told(ask({ ...question, now: START + 9 * MINUTE }))).toBe('publish');
    expect(told(ask({ ...question, target: target({ kind: 'absent' }) }))).toBe('publish');
    expect(told(ask({ ...question, resolution: dated }))).toBe('publish');
  });

  it('is not made by a sweep of members past the horizon, but by a push', () => {
    const old = { pushedAt: new Date(START - 8 * 86_400_000).toISOString() };
    const resolution = complete({ chosen: AB.map(one => ({ ...one, ...old })) });
    expect(told(ask({ resolution, source: 'sweep' }))).toBe('ignored past-horizon');
    expect(told(ask({ resolution, source: 'event' }))).toBe('publish');
    expect(told(ask({ resolution, source: 'sweep', rule: aRule({ backfill: true }) }))).toBe('publish');
    expect(told(ask({ resolution: dated, source: 'sweep' }))).toBe('publish');
    expect(told(ask({ source: 'sweep' }))).toBe('publish');
  });

  it('is not made by the first sweep unless the rule says so', () => {
    const ignored = ask({ resolution: dated, source: 'first-sweep' });
    expect(ignored).toMatchObject({ kind: 'ignored', baseline: [digest('a'), digest('b')] });
    expect(told(ask({ resolution: dated, source: 'first-sweep', rule: aRule({ backfill: true }) }))).toBe(
      'publish',
    );
  });
});

describe('a half moved tag without labels', () => {
  const half = [choice('c', 'amd64', { pushedAt: new Date(START).toISOString() }), choice('b', 'arm64')];
  const resolution = complete({ chosen: half, labelled: false });
  const question = { target: target(holding(AB_HELD)), resolution };

  it('waits until it has settled, and says when that is', () => {
    expect(ask(question)).toMatchObject({
      kind: 'waiting',
      dueAt: START + 30 * MINUTE,
      reasons: [{ code: 'partial', platforms: ['linux/arm64'], settlesIn: 30 * MINUTE }],
    });
    expect(told(ask({ ...question, now: START + 30 * MINUTE }))).toBe('publish');
  });

  it('goes on waiting where the rule holds what is partial', () => {
    const decision = ask({ ...question, rule: aRule({ partial: 'hold' }), now: START + 90 * MINUTE });
    expect(told(decision)).toBe('waiting partial');
  });

  it('does not wait where labels tell the build, where all moved, or where settle is off', () => {
    expect(told(ask({ ...question, resolution: { ...resolution, labelled: true } as Resolution }))).toBe(
      'publish',
    );
    const elsewhere = target(
      holding([
        ['8', 'amd64'],
        ['9', 'arm64'],
      ]),
    );
    expect(told(ask({ ...question, target: elsewhere }))).toBe('publish');
    expect(told(ask({ ...question, rule: aRule({ settle: 0 }) }))).toBe('publish');
  });

  it('counts from when the waiting was noticed where the registry tells no times', () => {
    const undated = complete({ chosen: [choice('c', 'amd64'), choice('b', 'arm64')], labelled: false });
    const since = START - 29 * MINUTE;
    expect(ask({ ...question, resolution: undated, waitingSince: since })).toMatchObject({
      dueAt: START + MINUTE,
    });
    expect(ask({ ...question, resolution: undated })).toMatchObject({ dueAt: START + 30 * MINUTE });
  });
});

describe('what is published', () => {
  it('as a Docker list with attested members is at rest afterwards', () => {
    const attestation = {
      ...image('9', 'unknown').descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const chosen = AB.map(one => ({ ...one, image: { ...one.image, attached: [attestation] } }));
    const rule = aRule({ format: 'docker' });
    expect(told(ask({ rule, resolution: complete({ chosen }), target: target(holding(AB_HELD)) }))).toBe(
      'unchanged same-bytes',
    );
  });

  it('is remembered with the digests of its required images alone', () => {
    const decision = ask({
      resolution: complete({ chosen: [...AB, choice('9', 's390x', { required: false })] }),
    });
    expect(decision).toMatchObject({ kind: 'publish', record: { required: [digest('a'), digest('b')] } });
    if (decision.kind === 'publish') expect(decision.record.digest).toBe(decision.manifest.digest);
  });
});
