import { afterEach, describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { importWorld, mirror, pushImage } from './import-world.ts';

describe('imports of serve', () => {
  let here: Awaited<ReturnType<typeof importWorld>>;
  afterEach(() => here.end());
  const kinds = () => here.told.map(({ kind }) => kind);

  it('copy what is pushed, and tell it once', async () => {
    here = await importWorld();
    const digest = await here.push('1.0', 'one');
    expect(await here.copied('1.0')).toBe(digest);
    expect(kinds()).toEqual(['imported']);
    here.imports.pushed({
      registry: 'a.example',
      repository: 'team/app',
      tag: '1.0',
      digest,
      action: 'push',
    } as never);
    await here.copied('1.0');
    expect(kinds()).toEqual(['imported']);
    const next = await here.push('1.0', 'two');
    expect(await here.copied('1.0')).toBe(next);
  });

  it('copy what archweave publishes, where they wait for that', async () => {
    here = await importWorld({ ...mirror, when: { on: 'published' } });
    await here.imports.idle();
    const digest = await here.push('1.0', 'one');
    expect(await here.copied('1.0')).toBeUndefined();
    here.imports.published({ registry: 'a.example', repository: 'team/app', tag: '1.0' });
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('find by looking what no event told', async () => {
    here = await importWorld({ ...mirror, when: { on: 'published' } });
    await here.imports.idle();
    const digest = await pushImage(here.a, 'team/app', '1.0', 'one');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('run on their schedule, and on it alone', async () => {
    here = await importWorld({ ...mirror, when: { on: 'schedule', every: 3_600_000 } });
    await here.imports.idle();
    const digest = await here.push('1.0', 'one');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBeUndefined();
    await here.pass(3_600_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('wait for longer than a timer can', async () => {
    const every = 30 * 86_400_000;
    here = await importWorld({ ...mirror, when: { on: 'schedule', every } });
    await here.imports.idle();
    await here.push('1.0', 'one');
    for (let day = 0; day < 29; day++) await here.pass(86_400_000);
    expect(await here.copied('1.0')).toBeUndefined();
    await here.pass(86_400_000);
    expect(await here.copied('1.0')).toBeDefined();
  });

  it('do nothing by themselves where they are manual', async () => {
    here = await importWorld({ ...mirror, when: { on: 'manual' } });
    await here.push('1.0', 'one');
    await here.pass(86_400_000);
    expect(await here.copied('1.0')).toBeUndefined();
  });

  it('do not fight a person who takes the copy away, over a restart too, until the source changes', async () => {
    here = await importWorld();
    await here.push('1.0', 'one');
    await here.copied('1.0');
    await here.b.deleteManifest('m/team/app', '1.0');
    await here.restart();
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBeUndefined();
    const digest = await here.push('1.0', 'two');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('copy once more what the file asks for in another way', async () => {
    here = await importWorld({ ...mirror, platforms: [{ os: 'linux', architecture: 'amd64' }] });
    const digest = await here.push('1.0', 'one');
    await here.copied('1.0');
    await here.b.deleteManifest('m/team/app', '1.0');
    await here.restart(mirror);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('leave the copy where the source is taken away', async () => {
    here = await importWorld();
    const digest = await here.push('1.0', 'one');
    await here.copied('1.0');
    await here.a.deleteManifest('team/app', '1.0');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('try again what may work later, and tell of it once', async () => {
    here = await importWorld();
    await here.imports.idle();
    const write = here.b.writeManifest.bind(here.b);
    let failures = 2;
    here.b.writeManifest = async (...args) => {
      if (failures-- > 0)
        throw new ArchweaveError({ code: 'registry-failed', attempt: 'write', retryable: true });
      return write(...args);
    };
    const digest = await here.push('1.0', 'one');
    await here.pass(0);
    await here.pass(1_000);
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
    expect(kinds()).toEqual(['import-failed', 'imported']);
    expect(here.told[0]).toMatchObject({ document: { type: 'Import Failed', detail: { retrying: true } } });
  });

  it('give up at once what nobody can mend by waiting, and go on with others', async () => {
    here = await importWorld();
    await pushImage(here.b, 'm/team/app', '1.0', 'another');
    here.b.setImmutable('m/team/app', '1.0');
    await here.push('1.0', 'one');
    const digest = await here.push('2.0', 'two');
    expect(await here.copied('2.0')).toBe(digest);
    await here.pass(10_000);
    await here.copied('2.0');
    const failed = here.told.filter(({ kind }) => kind === 'import-failed');
    expect(failed).toMatchObject([{ document: { detail: { code: 'immutable-tag', retrying: false } } }]);
  });

  it('say once that a source cannot be listed', async () => {
    here = await importWorld();
    await here.imports.idle();
    here.a.listTags = () => {
      throw new ArchweaveError({ code: 'unreachable', attempt: 'list', retryable: true });
    };
    await pushImage(here.a, 'team/app', '1.0', 'one');
    await here.pass(10_000);
    await here.pass(10_000);
    expect(kinds()).toEqual(['unreadable']);
  });
});
