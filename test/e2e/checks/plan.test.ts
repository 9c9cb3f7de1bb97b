import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type DockerRegistry, dockerRegistry } from '../../support/e2e-docker-registry.ts';
import { pushContent, sampleImage } from '../../support/e2e-images.ts';
import { ARCHWEAVE, archweave, start, temporaryFolder, until } from '../../support/e2e-run.ts';
import { describeWith } from '../../support/tools.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };
const RULE = '    platforms: [linux/amd64, linux/arm64]';

/** The tests follow each other: each begins with what the one before has left behind. */
describeWith(['docker-registry'], 'plan and apply beside a registry', () => {
  const folder = temporaryFolder('plan');
  const cwd = folder.path;
  let registry: DockerRegistry;
  let host: string;
  beforeAll(async () => {
    registry = await dockerRegistry({ folder: folder.path });
    host = registry.host;
    writeFileSync(
      join(cwd, 'archweave.yaml'),
      `registries: { local: "${host}" }\nindexes:\n  - repositories: [local/*]\n${RULE}\n`,
    );
    for (const tag of ['1.0', '2.0']) await pushBoth('app', tag);
    await pushContent(host, 'team/web', '3.0-amd64', sampleImage(AMD64));
  });
  afterAll(async () => {
    await registry?.stop();
    folder.remove();
  });
  const pushBoth = async (repository: string, tag: string, build?: string) => {
    for (const platform of [AMD64, ARM64]) {
      const image = sampleImage(platform, { text: tag, ...(build !== undefined && { build }) });
      await pushContent(host, repository, `${tag}-${platform.architecture}`, image);
    }
  };
  const aw = (...args: string[]) => archweave(args, { cwd });
  /** How many requests that change something the registry has answered; its log is written a moment later. */
  const writes = async () => {
    let count = -1;
    await until(
      () => {
        const seen = registry.log().match(/"(PUT|POST|PATCH|DELETE) /g)?.length ?? 0;
        const same = seen === count;
        count = seen;
        return same || undefined;
      },
      { every: 200 },
    );
    return count;
  };

  it('check 35: plan shows what would be written, and writes nothing', async () => {
    const before = await writes();
    const { rc, out, err } = await aw('plan');
    expect({ rc, err }).toEqual({ rc: 0, err: '' });
    expect(out.match(/^ {2}\+ /gm)).toHaveLength(2);
    expect(out.match(/^ {2}\? /gm)).toHaveLength(1);
    expect(out).toMatch(
      /^Plan: 2 new, 0 to change, 0 unchanged, 1 waiting, 0 held\. Nothing was written\.$/m,
    );
    expect(out.split('\n')[0]).toMatch(`${host}  2 repositories, 5 tags, read in `);
    expect(await writes()).toBe(before);
  });

  it('check 36: the exit code tells the state where that is asked for, waiting before pending', async () => {
    expect((await aw('plan', '--exit-code')).rc).toBe(3);
    expect((await aw('plan', 'local/app', '--exit-code')).rc).toBe(5);
    const { summary, groups } = JSON.parse((await aw('plan', '--json')).out);
    expect(summary).toMatchObject({ publish: 2, waiting: 1 });
    expect(groups[0]).toMatchObject({ target: [`${host}/app:1.0`], state: 'publish', before: null });
  });

  it('plan keeps to a repository, a tag, or the index of a member', async () => {
    const of = async (scope: string) => {
      const { groups } = JSON.parse((await aw('plan', '--json', scope)).out);
      return groups.map(({ target }: { readonly target: readonly string[] }) => target[0]);
    };
    expect(await of('local/team/web')).toEqual([`${host}/team/web:3.0`]);
    expect(await of('local')).toHaveLength(3);
    expect(await of(`${host}/app:2.0`)).toEqual([`${host}/app:2.0`]);
    expect(await of(`${host}/app:2.0-arm64`)).toEqual([`${host}/app:2.0`]);
    expect(await aw('plan', 'local/nowhere')).toMatchObject({
      rc: 1,
      err: expect.stringContaining('[no-repository]'),
    });
    const rules = `indexes:\n  - repositories: ["${host}/nowhere/*"]\n${RULE}\n`;
    writeFileSync(join(cwd, 'nowhere.yaml'), rules);
    expect(await aw('plan', '-c', 'nowhere.yaml')).toMatchObject({
      rc: 0,
      err: expect.stringContaining(`note: ${host} has no repository that a rule is for`),
    });
  });

  it('check 37: apply of several asks, and where nobody is there it wants --yes', async () => {
    const before = await writes();
    const refused = await aw('apply');
    expect(refused).toMatchObject({ rc: 2, out: '', err: expect.stringContaining('Add --yes') });
    expect(await writes()).toBe(before);
    const { rc, out, err } = await aw('apply', '--yes');
    expect({ rc, lines: out.trimEnd().split('\n').toSorted() }).toEqual({
      rc: 0,
      lines: ['1.0', '2.0'].map(tag => expect.stringMatching(`^${host}/app:${tag}@sha256:[0-9a-f]{64}$`)),
    });
    expect(err).toContain('Applied: 2 published, 0 failed, 0 unchanged, 1 waiting, 0 held.');
    expect(await writes()).toBe(before + 2);
  });

  it('check 38: a second apply writes nothing, and the plan says that everything is right', async () => {
    const before = await writes();
    expect(await aw('apply', '--yes')).toMatchObject({ rc: 0, out: '' });
    expect(await writes()).toBe(before);
    const { out } = await aw('plan');
    expect(out).toContain('No changes. 2 indexes are as their members say.');
    expect(out.match(/^ {2}\? /gm)).toHaveLength(1);
    expect((await aw('plan', '--all')).out.match(/^ {2}= /gm)).toHaveLength(2);
  });

  it('check 39: a saved plan is kept to, and what has moved since is told', async () => {
    for (const tag of ['4.0', '5.0']) await pushBoth('app', tag);
    const plan = await aw('plan', '--json');
    writeFileSync(join(cwd, 'p.json'), plan.out);
    await pushContent(host, 'app', '4.0-amd64', sampleImage(AMD64, { text: 'moved' }));
    const { rc, out, err } = await aw('apply', '--yes', '--plan', 'p.json');
    expect({ rc, out }).toEqual({ rc: 1, out: expect.stringMatching(/^\S+\/app:5\.0@sha256:\w{64}\n$/) });
    expect(err).toMatch(/^error: cannot write .*\/app:4\.0: .*\[stale-plan\]$/m);
    const again = await aw('apply', '--yes', '--plan', 'p.json', '--json');
    const { error, groups } = JSON.parse(again.out);
    expect({ rc: again.rc, code: error.code }).toEqual({ rc: 1, code: 'stale-plan' });
    expect(groups.map(({ result }: { readonly result: string }) => result).toSorted()).toEqual([
      'skipped',
      'unchanged',
    ]);
  });

  it('a change shows which platforms it is about', async () => {
    const image = sampleImage(AMD64, { text: 'another' });
    await pushContent(host, 'app', '2.0-amd64', image);
    await pushContent(host, 'app', '2.0-arm64', sampleImage(ARM64, { text: 'another' }));
    const { out } = await aw('plan', `${host}/app:2.0`);
    expect(out).toMatch(/^ {2}~ 2\.0 +changes +~linux\/amd64 ~linux\/arm64$/m);
    expect(out).toMatch(/^ +sha256:\w{12} -> sha256:\w{12}$/m);
  });

  it('apply of one tag never asks, and says with its exit code what is missing', async () => {
    expect(await aw('apply', `${host}/app:2.0`)).toMatchObject({
      rc: 0,
      out: expect.stringMatching(/app:2\.0@sha256:/),
    });
    const waiting = await aw('apply', 'local/team/web:3.0');
    expect(waiting).toMatchObject({ rc: 3, out: '' });
    expect(waiting.err).toContain('1 of 2 there, linux/arm64 is missing');
    expect(await aw('apply', '--wait', '2s', 'local/app')).toMatchObject({ rc: 2 });
  });

  it('apply waits for what is missing, and says when the state changes', async () => {
    const running = aw('apply', 'local/team/web:3.0', '--wait', '30s');
    await new Promise(resolve => setTimeout(resolve, 1_500));
    await pushContent(host, 'team/web', '3.0-arm64', sampleImage(ARM64));
    const { rc, out, err } = await running;
    expect({ rc, out }).toEqual({ rc: 0, out: expect.stringMatching(/web:3\.0@sha256:/) });
    expect(err.match(/waiting/g)).toHaveLength(1);
  });

  it('apply waits for an index of which nothing is there yet, as a job that starts before the others does', async () => {
    const early = await aw('apply', 'local/team/web:6.0');
    expect(early).toMatchObject({ rc: 3, out: '', err: expect.stringContaining('0 of 2 there') });
    const running = aw('apply', 'local/team/web:6.0', '--wait', '30s');
    await new Promise(resolve => setTimeout(resolve, 1_500));
    await pushBoth('team/web', '6.0');
    expect(await running).toMatchObject({ rc: 0, out: expect.stringMatching(/web:6\.0@sha256:/) });
  });

  it('apply that waits looks again where the registry does not answer for a while', async () => {
    const { child, done } = start(ARCHWEAVE, ['apply', 'local/team/web:8.0', '--wait', '50s'], { cwd });
    let said = '';
    child.stderr!.on('data', chunk => {
      said += chunk;
    });
    await until(() => said.includes('0 of 2 there') || undefined);
    await registry.stop();
    await until(() => said.includes('looking again') || undefined);
    registry = await dockerRegistry({ folder: folder.path, port: Number(host.split(':')[1]) });
    await pushBoth('team/web', '8.0');
    expect(await done).toMatchObject({ rc: 0, out: expect.stringMatching(/web:8\.0@sha256:/) });
  });

  it('apply of a tag takes over what somebody else put there, apply of all does not', async () => {
    await pushBoth('app', '7.0');
    await pushContent(host, 'app', '7.0', sampleImage(AMD64, { text: 'foreign' }));
    expect((await aw('plan')).out).toMatch(/^ {2}! 7\.0 +held/m);
    expect((await aw('apply', '--yes', '--exit-code')).rc).toBe(4);
    const digest = sampleImage(AMD64, { text: '7.0' }).digest;
    const target = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, repository: 'app' };
    const event = { id: 'one', timestamp: '2026-11-22T10:01:31Z', action: 'push' };
    const events = [{ ...event, target: { ...target, tag: '7.0-amd64' } }];
    writeFileSync(join(cwd, 'foreign.json'), JSON.stringify({ events }));
    expect(await aw('apply', '--event', 'foreign.json')).toMatchObject({ rc: 4, out: '' });
    expect(await aw('apply', `${host}/app:7.0`)).toMatchObject({ rc: 0 });
    expect((await aw('plan', '--exit-code', `${host}/app:7.0`)).rc).toBe(0);
  });

  it("an event of the registry itself: a member's shows its index, an own index is known as that", async () => {
    const push = (tag: string, digest: string) => ({
      events: [
        {
          id: 'one',
          timestamp: '2026-11-22T10:01:31Z',
          action: 'push',
          target: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, repository: 'app', tag },
        },
      ],
    });
    const file = join(cwd, 'event.json');
    const digest = sampleImage(AMD64).digest;
    writeFileSync(file, JSON.stringify(push('1.0-amd64', digest)));
    const member = await aw('plan', '--event', 'event.json');
    expect(member.rc).toBe(0);
    expect(member.out).toMatch(/^push app:1\.0-amd64 \(distribution, .*\) touches 1 index: app:1\.0$/m);
    expect(member.out).toMatch(/^ {2}= 1\.0 +unchanged/m);
    const { group } = JSON.parse((await aw('explain', '--json', `${host}/app:1.0`)).out);
    writeFileSync(file, JSON.stringify(push('1.0', group.before)));
    const own = await aw('plan', '--event', 'event.json');
    expect(own.out).toContain("this is archweave's own index");
    expect((await aw('plan', '--event', 'archweave.yaml')).err).toContain('[bad-event]');
  });
});
