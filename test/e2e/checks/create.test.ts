import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ARCHWEAVE, archweave, run, start, temporaryFolder, using } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith, tool } from '../../support/tools.ts';

describeWith(['crane'], 'create', () => {
  const folder = temporaryFolder('create');
  let served: Served;
  let app: string;
  let plain: readonly string[];
  beforeAll(async () => {
    served = await serve({ storage: join(folder.path, 's'), cwd: folder.path });
    app = `${served.host}/app`;
    plain = ['create', `${served.host}/plain:1`, `${app}:1.0-amd64`, `${app}:1.0-arm64`];
    await pushSample(`${app}:1.0`);
    await settle(`${app}:1.0`, 0);
  });
  afterAll(async () => {
    await served?.stop();
    folder.remove();
  });
  const isThere = async (reference: string): Promise<boolean> =>
    (await run(tool('crane'), ['digest', reference])).rc === 0;

  it('check 25: it joins members of another repository, and answers with the digest alone', async () => {
    const { rc, out } = await archweave(plain);
    expect(rc).toBe(0);
    expect(out).toMatch(/^[^\n]+\n$/);
    const reference = out.trim();
    expect(reference.startsWith(`${served.host}/plain@sha256:`)).toBe(true);
    expect(reference).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(await using('crane', ['manifest', reference])).manifests).toHaveLength(2);
    await using('crane', ['validate', '--remote', reference]);
  });

  it('check 26: the second time it writes nothing and answers the same', async () => {
    const first = await archweave(plain);
    const second = await archweave(['-v', ...plain]);
    expect(second).toMatchObject({ rc: 0, out: first.out });
    expect(second.err).toContain('unchanged');
    expect(second.err).toMatch(/^GET /m);
    expect(second.err).not.toMatch(/^(PUT|POST|PATCH|DELETE) /m);
  });

  it('check 26: what somebody else joined of the same members stays, and is what is answered', async () => {
    const target = `${app}:other`;
    const members = [`${app}:1.0-amd64`, `${app}:1.0-arm64`];
    await using('crane', ['index', 'append', '-t', target, ...members.flatMap(member => ['-m', member])]);
    const before = await using('crane', ['digest', target]);
    const { rc, out, err } = await archweave(['create', target, ...members]);
    expect({ rc, out }).toEqual({ rc: 0, out: `${app}@${before}\n` });
    expect(err).toContain('unchanged');
    expect(await using('crane', ['digest', target])).toBe(before);
  });

  it('check 27: a missing member is waited for, by exit status 3', async () => {
    const { rc, out, err } = await archweave(['create', `${app}:9`, `${app}:1.0-amd64`, `${app}:9-arm64`]);
    expect({ rc, out }).toEqual({ rc: 3, out: '' });
    expect(err).toMatch(/^waiting for linux\/arm64/);
    expect(await isThere(`${app}:9`)).toBe(false);
  });

  it('check 29: --wait gives up when its time is over', async () => {
    const args = ['create', `${app}:9`, `${app}:1.0-amd64`, `${app}:9-arm64`, '--wait', '2s'];
    const { rc, out, ms } = await archweave(args);
    expect({ rc, out }).toEqual({ rc: 3, out: '' });
    expect(ms).toBeGreaterThanOrEqual(2000);
    expect(ms).toBeLessThan(4000);
  });

  it('check 28: --wait goes on as soon as the member is there', async () => {
    const args = ['create', `${app}:9`, `${app}:1.0-amd64`, `${app}:9-arm64`, '--wait', '20s'];
    const waiting = start(ARCHWEAVE, args);
    await new Promise(resolve => setTimeout(resolve, 1000));
    expect(waiting.child.exitCode).toBeNull();
    await using('crane', ['tag', `${app}:1.0-arm64`, '9-arm64']);
    const tagged = performance.now();
    const { rc, out } = await waiting.done;
    expect(performance.now() - tagged).toBeLessThan(5000);
    expect(rc).toBe(0);
    expect(out.trim()).toBe(`${app}@${await using('crane', ['digest', `${app}:9`])}`);
  });

  it('check 30: a mislabelled member is held and the target is not touched', async () => {
    await using('crane', ['tag', `${app}:1.0-amd64`, '2.0-amd64']);
    await using('crane', ['tag', `${app}:1.0-amd64`, '2.0-arm64']);
    const { rc, out, err } = await archweave(['create', `${app}:x`, `${app}:2.0-amd64`, `${app}:2.0-arm64`]);
    expect({ rc, out }).toEqual({ rc: 4, out: '' });
    expect(err).toContain('[mislabelled]');
    expect(err.trimEnd().endsWith(`${app}:x was not touched.`)).toBe(true);
    expect(await isThere(`${app}:x`)).toBe(false);
  });

  it('check 30: members of two builds are held, unless that is allowed', async () => {
    await pushSample(`${app}:m1`, '--build', 'aaa1111');
    await pushSample(`${app}:m2`, '--build', 'bbb2222');
    const args = ['create', `${app}:mixed`, ':m1-amd64', ':m2-arm64'];
    const held = await archweave(args);
    expect(held).toMatchObject({ rc: 4, out: '' });
    expect(held.err).toContain('[mixed-builds]');
    expect(held.err.trimEnd().endsWith(`${app}:mixed was not touched.`)).toBe(true);
    expect(await archweave([...args, '--allow', 'mixed-builds'])).toMatchObject({ rc: 0 });
    expect(await isThere(`${app}:mixed`)).toBe(true);
  });

  it("check 31: docker's flags are taken, short members and more tags too", async () => {
    const args = ['--insecure', '--amend', `${app}:d`, ':1.0-amd64', ':1.0-arm64', '-t', 'e', '-t', 'f'];
    const { rc, err } = await archweave(['create', ...args]);
    expect(rc).toBe(0);
    expect(err.match(/--amend/g)).toHaveLength(1);
    const digests = await Promise.all(
      ['d', 'e', 'f'].map(tag => using('crane', ['digest', `${app}:${tag}`])),
    );
    expect(new Set(digests).size).toBe(1);
  });

  it('check 32: it asks at most six times up to the answer to its write', async () => {
    const { rc, err } = await archweave(['-v', 'create', `${app}:g`, ':1.0-amd64', ':1.0-arm64']);
    expect(rc).toBe(0);
    const requests = err.split('\n').filter(line => /^(GET|HEAD|PUT|POST) /.test(line));
    const write = requests.findIndex(line => line.startsWith('PUT '));
    expect(write).toBeGreaterThan(0);
    expect(write + 1).toBeLessThanOrEqual(6);
    for (const line of requests) expect(line).toMatch(/^[A-Z]+ \d{3} \d+ ms [^ ?]+$/);
  });
});
