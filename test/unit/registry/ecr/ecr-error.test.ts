import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isArchweaveError } from '../../../../lib/errors.ts';
import { pushImage } from '../../../contract/registry-content.ts';
import { EcrFault } from '../../../support/ecr-fake-world.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('what ECR refuses', () => {
  it.each([
    ['ThrottlingException', 'throttled', true],
    ['TooManyRequestsException', 'throttled', true],
    ['LimitExceededException', 'quota-exceeded', false],
    ['LayersNotFoundException', 'child-gone', false],
    ['ReferencedImagesNotFoundException', 'child-gone', true],
    ['ImageTagAlreadyExistsException', 'immutable-tag', false],
    ['InvalidParameterException', 'unsupported', false],
    ['ImageDigestDoesNotMatchException', 'digest-mismatch', false],
    ['RepositoryNotFoundException', 'no-repository', false],
    ['ImageArchivedException', 'archived', false],
    ['BlockedByOrganizationPolicyException', 'forbidden', false],
    ['UnrecognizedClientException', 'unauthorized', false],
    ['ExpiredTokenException', 'unauthorized', false],
    ['InvalidSignatureException', 'unauthorized', false],
    ['ServerException', 'registry-failed', true],
    ['SomethingNewException', 'registry-failed', false],
  ])('is told: %s is %s', async (name, code, retryable) => {
    const { registry, fake } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    fake.failNext('PutImage', new EcrFault(name, 'so it says'));
    await expect(registry.writeManifest('app', 'a', image)).rejects.toMatchObject({
      code,
      retryable,
      attempt: 'write 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:a',
      where: expect.stringMatching(/^PutImage in eu-west-1 -> [45]00 /),
    });
  });

  it.each([
    ['AccessDenied', 'forbidden', false],
    ['ThrottlingException', 'throttled', true],
  ])('is told of its keys: %s is %s', async (kmsError, code, retryable) => {
    const { registry, fake } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    fake.failNext('PutImage', new EcrFault('KmsException', 'the key is disabled', { kmsError }));
    await expect(registry.writeManifest('app', 'a', image)).rejects.toMatchObject({ code, retryable });
  });

  it('names the IAM action that is missing, and whose', async () => {
    const { registry, fake } = await anEcr(after);
    fake.deny('BatchGetImage');
    await expect(registry.readManifests('app', ['1.0'])).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'the IAM action ecr:BatchGetImage is not allowed',
      tried: expect.stringContaining('assumed-role/tests/session'),
      next: expect.stringContaining('ecr:BatchGetImage'),
    });
  });

  it('says how to make a repository that is missing', async () => {
    const { registry } = await anEcr(after, {});
    const upload = pushImage(registry, 'team/app', 'one');
    await expect(upload).rejects.toMatchObject({
      code: 'no-repository',
      next: 'aws ecr create-repository --repository-name team/app --region eu-west-1',
    });
  });
});

describe('what does not even reach ECR', () => {
  it('is a Region without anything that answers', async () => {
    const { open } = await anEcr(after);
    const work = open({ endpoint: 'http://127.0.0.1:1' }).readManifests('app', ['1.0']);
    await expect(work).rejects.toMatchObject({ code: 'unreachable', retryable: true });
  });

  it('is a caller without credentials', async () => {
    const { open } = await anEcr(after);
    const none = () => {
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      });
    };
    const work = open({ credentials: async () => none() }).readManifests('app', ['1.0']);
    await expect(work).rejects.toMatchObject({
      code: 'unauthorized',
      retryable: false,
      tried: expect.stringContaining('profile and SSO'),
    });
  });

  it('is a caller who ends it in the middle', async () => {
    const { registry, fake } = await anEcr(after);
    fake.failNext('BatchGetImage', 'hang');
    const ending = new AbortController();
    const work = registry.readManifests('app', ['1.0'], { signal: ending.signal });
    setTimeout(() => ending.abort(), 100);
    await expect(work).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('is a time that is up', async () => {
    const { open, fake } = await anEcr(after);
    fake.failNext('BatchGetImage', 'hang', 2);
    const work = open({ timeout: 150 }).readManifests('app', ['1.0']);
    await expect(work).rejects.toMatchObject({ code: 'timeout', retryable: true });
  });

  it('shows no secret in an error, its causes included', async () => {
    const { open, fake } = await anEcr(after);
    const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 's3cr3t', sessionToken: 't0k3n' };
    fake.failNext('BatchGetImage', new EcrFault('AccessDeniedException', 'no'));
    const error = await open({ credentials })
      .readManifests('app', ['1.0'])
      .catch(caught => caught);
    expect(isArchweaveError(error)).toBe(true);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/s3cr3t|t0k3n/);
  });
});
