import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { readStepFailure, StepError } from '../../lib/queue/step-error.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { type ReadSecret, secretLogin } from '../../lib/registry/secrets/secret-login.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { layeredImage, pushPiece } from '../support/layered-image.ts';
import { describeWith } from '../support/tools.ts';
import { anImport, MIRROR, TASK } from '../unit/queue/an-import.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:locked-a1B2c3';
const PASSWORD = 'open-sesame';
const GOOD = JSON.stringify({ username: 'ali', accessToken: PASSWORD });

describeWith(['docker-registry'], 'an import on AWS from a registry whose login is in a secret', () => {
  const image = layeredImage('linux/amd64', [50_000]);
  let locked: RunningRegistry;
  let reads: number;

  beforeAll(async () => {
    // bcrypt of open-sesame
    locked = await startDockerRegistry({
      htpasswd: 'ali:$2b$04$N4HiAC6Y5UNzz5D5MPXaoeNbG1mZ8ZjEbNMRJIWgpKsTWKFNfSrH6',
    });
    const env = { LOGIN: `ali:${PASSWORD}` };
    const owner = openOciRegistry({ host: locked.host, credentials: 'env:LOGIN', env });
    await pushPiece(owner, 'team/app', '1.0', image);
  });
  afterAll(() => locked?.stop());
  beforeEach(() => {
    reads = 0;
  });

  function world(read: ReadSecret) {
    const counted: ReadSecret = secret => {
      reads += 1;
      return read(secret);
    };
    const source = openOciRegistry({
      host: locked.host,
      credentials: secretLogin(`secretsmanager:${ARN}`, counted),
      env: {},
      retry: { tries: 1 },
    });
    const target = new MemoryRegistry();
    const made = anImport({
      rule: { ...MIRROR, from: { registry: locked.host, pattern: 'team/*' } },
      registryOf: host => (host === locked.host ? source : target),
    });
    const held = async () => (await target.resolveReferences('m/team/app', ['1.0'])).get('1.0');
    return { ...made, held };
  }

  /** As the state machine does where a step fails: the name that it catches, and what is told then. */
  async function failure({ steps, told }: ReturnType<typeof world>) {
    const error = await steps.plan(TASK, 0).catch(thrown => new StepError(thrown));
    if (!(error instanceof StepError)) throw new Error('the plan did not fail');
    const Cause = JSON.stringify({ errorType: error.name, errorMessage: error.message });
    await steps.failed(TASK, readStepFailure({ Error: error.name, Cause }), 0);
    return {
      name: error.name,
      whole: `${error.message}${JSON.stringify(told)}`,
      detail: told.at(-1)!.detail,
    };
  }

  it('looks through it, and copies what is there, with one look at the secret', async () => {
    const { intake, sent, started, execute, held } = world(async () => GOOD);
    await intake.take({ name: 'mirror' });
    expect(sent.map(({ body }) => JSON.parse(body).import)).toEqual([TASK]);
    await intake.take(TASK);
    expect(started.size).toBe(1);
    await execute();
    expect(await held()).toBe(image.manifest.digest);
    expect(reads).toBe(1);
  });

  it.each([
    ['AccessDeniedException', 'Refused'],
    ['ResourceNotFoundException', 'Refused'],
    ['ThrottlingException', 'Transient'],
  ])('fails with %s where the secret cannot be read, as %s', async (name, kind) => {
    const $metadata = { httpStatusCode: 400 };
    const failed = await failure(
      world(async () => Promise.reject(Object.assign(new Error(GOOD), { name, $metadata }))),
    );
    expect(failed.name).toBe(kind);
    expect(failed.detail).toMatchObject({
      code: 'unauthorized',
      reason: `the secret ${ARN} cannot be read (${name})`,
    });
    expect(failed.whole).not.toContain(PASSWORD);
  });

  it.each([
    ['without a user', JSON.stringify({ accessToken: PASSWORD }), /holds no login/],
    ['that is cut off', GOOD.slice(0, -1), /holds no login/],
    ['of another registry', GOOD.replace('ali', 'bob'), /does not let you in/],
  ])('fails, and tells nothing of it, with a secret %s', async (_, value, reason) => {
    const failed = await failure(world(async () => value));
    expect(failed.name).toBe('Refused');
    expect(failed.detail).toMatchObject({ code: 'unauthorized', reason: expect.stringMatching(reason) });
    expect(failed.whole).not.toContain(PASSWORD);
  });

  it('is copied as soon as the secret can be read again', async () => {
    let value = 'nothing';
    const { execute, held } = world(async () => value);
    await expect(execute()).rejects.toThrow(/holds no login/);
    value = GOOD;
    await execute();
    expect(await held()).toBe(image.manifest.digest);
  });
});
