import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readEvent } from '../../../lib/cli/read-event.ts';
import { loadConfig } from '../../../lib/rules/load.ts';
import { temporaryFolder } from '../../support/e2e-run.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'events');

describe('an event in a file', () => {
  const folder = temporaryFolder('read-event');
  afterAll(() => folder.remove());
  const place = { cwd: folder.path, now: () => Date.parse('2026-11-22T10:00:00Z') };
  const config = (...hosts: readonly string[]) => {
    const registries = hosts.map((host, at) => `  r${at}: ${host}\n`).join('');
    const rules = 'indexes:\n  - repositories: [r0/*]\n    platforms: [linux/amd64]\n';
    return loadConfig(`registries:\n${registries}${rules}`, { file: 'archweave.yaml' }).config!;
  };
  const fixture = (name: string) => {
    cpSync(join(FIXTURES, `${name}.json`), join(folder.path, 'event.json'));
    return 'event.json';
  };

  it('of ECR tells its registry itself, whatever is named', () => {
    const { dialect, pushes } = readEvent(fixture('ecr-push'), place, { host: 'other.example' });
    expect({ dialect, registry: pushes[0]?.registry }).toEqual({
      dialect: 'ecr',
      registry: '123456789012.dkr.ecr.us-west-2.amazonaws.com',
    });
  });

  it.each([
    ['distribution-push', 'distribution'],
    ['harbor-push', 'harbor'],
    ['zot-updated', 'zot'],
  ])('%s is of the registry that is named, or the only one there is', (name, dialect) => {
    const file = fixture(name);
    const named = readEvent(file, place, {
      host: 'r.example:5000',
      config: config('a.example', 'b.example'),
    });
    expect(named).toMatchObject({ dialect, pushes: [{ registry: 'r.example:5000' }] });
    const only = readEvent(file, place, {
      config: config('a.example', '123456789012.dkr.ecr.eu-west-1.amazonaws.com'),
    });
    expect(only).toMatchObject({ dialect, pushes: [{ registry: 'a.example' }] });
  });

  it('is refused where nobody can tell which registry sent it', () => {
    const file = fixture('distribution-push');
    for (const settings of [{}, { config: config('a.example', 'b.example') }])
      expect(() => readEvent(file, place, settings)).toThrow('does not tell which registry it is from');
  });

  it.each([
    ['{"a":1}', 'bad-event'],
    ['[1]', 'bad-event'],
    ['no json', 'bad-event'],
  ])('that is none is refused: %s', (text, code) => {
    writeFileSync(join(folder.path, 'event.json'), text);
    expect(() => readEvent('event.json', place, { host: 'r.example' })).toThrow(
      expect.objectContaining({ code }) as unknown as Error,
    );
  });

  it('that is not there is named', () => {
    expect(() => readEvent('nowhere.json', place, {})).toThrow(
      '--event nowhere.json cannot be read (ENOENT)',
    );
  });
});
