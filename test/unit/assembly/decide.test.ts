import { describe, expect, it } from '@jest/globals';
import type { Question } from '../../../lib/assembly/decide.ts';
import type { TargetState } from '../../../lib/assembly/observation.ts';
import type { Published } from '../../../lib/ledger/interface.ts';
import {
  AB,
  AB_HELD,
  ask,
  BY_TIME,
  choice,
  complete,
  digest,
  holding,
  image,
  LATEST,
  MISSING,
  OLD,
  record,
  run,
  shared,
  target,
  told,
} from './a-question.ts';
import { aRule } from './a-world.ts';

describe('the decision table', () => {
  const rows: readonly [string, Partial<Question>, string][] = [
    [
      '2 a target of two rules is held',
      { target: target({ kind: 'absent' }, { rivals: [LATEST] }) },
      'held two-rules',
    ],
    [
      '2 a rival counts only where this rule has a member',
      {
        target: target({ kind: 'absent' }, { rivals: [LATEST] }),
        resolution: { ...MISSING, present: [] },
      },
      'ignored no-rule',
    ],
    [
      '3 another build than the pinned one does not touch the target',
      { rule: { ...LATEST, pin: { latest: '1' } }, target: shared({ kind: 'absent' }), build: run('2') },
      'unchanged pinned',
    ],
    [
      '3 the pinned build is published over a newer one',
      {
        rule: { ...LATEST, pin: { latest: '1' } },
        target: shared(holding(OLD, { build: run('2') })),
        build: run('1'),
      },
      'publish pinned',
    ],
    [
      '3 the pinned build that is there stays, with or without its members',
      {
        rule: { ...LATEST, pin: { latest: '1' } },
        target: shared(holding(OLD, { build: run('1') })),
        build: run('1'),
        resolution: MISSING,
      },
      'unchanged pinned',
    ],
    [
      '3 a pinned build that is not complete waits',
      {
        rule: { ...LATEST, pin: { latest: '1' } },
        target: shared(holding(OLD, { build: run('2') })),
        build: run('1'),
        resolution: MISSING,
      },
      'waiting missing-platform pinned',
    ],
    [
      '4 what was published is put back over a late write',
      {
        rule: LATEST,
        target: shared(holding(OLD, { build: run('1') }), { published: record({ build: run('3') }) }),
        build: run('2'),
      },
      'restore',
    ],
    [
      '4 a build as new as the record is published from its members',
      {
        rule: LATEST,
        target: shared(holding(OLD, { build: run('1') }), { published: record({ build: run('3') }) }),
        build: run('3'),
      },
      'publish',
    ],
    [
      '5 an older build than the target holds changes nothing',
      { rule: LATEST, target: shared(holding(OLD, { build: run('3') })), build: run('2') },
      'unchanged newer-build',
    ],
    [
      '5 and says so before it waits',
      {
        rule: LATEST,
        target: shared(holding(OLD, { build: run('3') })),
        build: run('2'),
        resolution: MISSING,
      },
      'unchanged newer-build',
    ],
    [
      '6 a target whose members were cleaned up stays',
      { target: target(holding(AB_HELD)), resolution: MISSING },
      'unchanged members-removed',
    ],
    [
      '6 a foreign target that has all present members stays',
      {
        target: target({ kind: 'foreign', children: [image('a', 'amd64').descriptor] }),
        resolution: MISSING,
      },
      'unchanged members-removed',
    ],
    ['7 a group without any member is none', { resolution: { ...MISSING, present: [] } }, 'ignored no-rule'],
    ['7 an incomplete group waits', { resolution: MISSING }, 'waiting missing-platform'],
    [
      '7 and waits while the target holds another build of it',
      { target: target(holding(OLD)), resolution: MISSING },
      'waiting missing-platform',
    ],
    ['8 the same meaning is written once', { target: target(holding(AB_HELD)) }, 'unchanged same-bytes'],
    [
      '8 the same meaning is right whoever put it there',
      { target: target({ ...holding(AB_HELD), kind: 'foreign' } as TargetState) },
      'unchanged same-bytes',
    ],
    [
      '8 the same children under a newer build are written, to raise the build',
      { rule: LATEST, target: shared(holding(AB_HELD, { build: run('1') })), build: run('2') },
      'publish',
    ],
    [
      '8 the same children of the same build are not',
      { rule: LATEST, target: shared(holding(AB_HELD, { build: run('2') })), build: run('2') },
      'unchanged same-bytes',
    ],
    [
      '8 a tie in time with the same children is right',
      {
        rule: BY_TIME,
        target: shared(holding(AB_HELD, { build: run('x', '2026-11-22T09:00:00Z') })),
        build: run('y', '2026-11-22T09:00:10Z'),
      },
      'unchanged same-bytes',
    ],
    [
      '9 what a person deleted stays away',
      { target: target({ kind: 'absent' }, { published: record() }) },
      'held withdrawn',
    ],
    [
      '9 until a required member changes',
      { target: target({ kind: 'absent' }, { published: record({ required: [digest('a'), digest('c')] }) }) },
      'publish',
    ],
    [
      '9 or a newer build is complete',
      {
        rule: LATEST,
        target: shared({ kind: 'absent' }, { published: record({ build: run('1') }) }),
        build: run('2'),
      },
      'publish',
    ],
    [
      '9 an older build does not bring it back',
      {
        rule: LATEST,
        target: shared({ kind: 'absent' }, { published: record({ build: run('3'), required: [] }) }),
        build: run('2'),
      },
      'held withdrawn',
    ],
    [
      '9 nor does one whose order cannot be told',
      {
        rule: BY_TIME,
        target: shared({ kind: 'absent' }, { published: record({ build: run('x') }) }),
        build: run('y', '2026-11-22T09:00:10Z'),
      },
      'held unordered',
    ],
    [
      '9 what was there before archweave is left alone',
      {
        target: target(
          { kind: 'absent' },
          { published: { ...record(), digest: undefined } as unknown as Published },
        ),
      },
      'ignored before-archweave',
    ],
    [
      '10 a foreign target is held',
      { target: target({ kind: 'foreign', children: [] }) },
      'held foreign-target',
    ],
    [
      '10 unless the rule adopts',
      { rule: aRule({ adopt: true }), target: target({ kind: 'foreign', children: [] }) },
      'publish',
    ],
    [
      '11 an immutable target with other members is held',
      { target: target(holding(OLD), { immutable: true }) },
      'held immutable-tag',
    ],
    [
      '11 an immutable target that lacks only an optional platform is right',
      {
        target: target(holding(AB_HELD), { immutable: true }),
        resolution: complete({ chosen: [...AB, choice('9', 's390x', { required: false })] }),
      },
      'unchanged immutable-tag',
    ],
    [
      '13 builds that cannot be ordered leave the target as it is',
      {
        rule: BY_TIME,
        target: shared(holding(OLD, { build: run('x', '2026-11-22T09:00:00Z') })),
        build: run('y', '2026-11-22T09:00:10Z'),
      },
      'held unordered',
    ],
    ['15 a complete group is published', {}, 'publish'],
    ['15 over an older index of its own', { target: target(holding(OLD)) }, 'publish'],
    ['15 unless the index is larger than the registry takes', { limit: 100 }, 'held too-large'],
  ];

  it.each(rows)('row %s', (_, question, answer) => {
    expect(told(ask(question))).toBe(answer);
  });
});
