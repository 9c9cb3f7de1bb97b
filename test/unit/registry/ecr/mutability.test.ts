import { afterEach, describe, expect, it } from '@jest/globals';
import { isImmutable } from '../../../../lib/registry/ecr/mutability.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const imageTagMutabilityExclusionFilters = [
  { filterType: 'WILDCARD' as const, filter: 'latest*' },
  { filterType: 'WILDCARD' as const, filter: '*-dev' },
];

describe('a tag of ECR', () => {
  it.each([
    ['MUTABLE', 'latest', false],
    ['IMMUTABLE', 'latest', true],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest-alpine', false],
    ['IMMUTABLE_WITH_EXCLUSION', '1.0-dev', false],
    ['IMMUTABLE_WITH_EXCLUSION', '1.0', true],
    ['MUTABLE_WITH_EXCLUSION', 'latest', true],
    ['MUTABLE_WITH_EXCLUSION', '1.0', false],
  ] as const)('of a repository that is %s: %s is immutable: %s', (imageTagMutability, tag, expected) => {
    const filters = imageTagMutability.endsWith('EXCLUSION') ? { imageTagMutabilityExclusionFilters } : {};
    expect(isImmutable({ imageTagMutability, ...filters }, tag)).toBe(expected);
  });

  it('is mutable where nothing is said', () => expect(isImmutable({}, 'latest')).toBe(false));
});

describe('the setting of a repository', () => {
  it('is asked for once, and not for no tags', async () => {
    const { registry, fake, asked } = await anEcr(after);
    fake.world.create('app').mutability = 'IMMUTABLE';
    expect(await registry.immutableTags('app', [])).toEqual(new Set());
    expect(await registry.immutableTags('app', ['1.0', 'latest'])).toEqual(new Set(['1.0', 'latest']));
    expect(await registry.immutableTags('app', ['1.1'])).toEqual(new Set(['1.1']));
    expect(asked()).toEqual(['DescribeRepositories']);
  });

  it('does not matter where it may not be read, or where there is no repository', async () => {
    const { registry, fake } = await anEcr(after, {});
    expect(await registry.immutableTags('nowhere', ['1.0'])).toEqual(new Set());
    fake.deny('DescribeRepositories');
    expect(await registry.immutableTags('app', ['1.0'])).toEqual(new Set());
  });

  it('is not guessed where ECR fails', async () => {
    const { open, fake } = await anEcr(after);
    fake.failNext('DescribeRepositories', 'drop', 2);
    await expect(open().immutableTags('app', ['1.0'])).rejects.toMatchObject({ code: 'unreachable' });
  });
});
