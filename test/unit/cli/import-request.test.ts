import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../lib/cli/run-cli.ts';

const CONFIG = `registries:
  lan: registry.lan:5000
imports:
  - { from: lan/team/*, to: "c.example/{repository}", when: manual, tags: x }
  - { name: mirror, from: lan/team/*, to: "b.example/m/{repository}", when: manual }
`;

describe('mistakes in the arguments of import', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archweave-import-'));
  beforeAll(() => {
    writeFileSync(join(folder, '.git'), '');
    writeFileSync(join(folder, 'archweave.yaml'), CONFIG);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (...args: readonly string[]) => {
    const written = { out: '', err: '' };
    const exit = await runCli(['import', ...args], {
      stdout: { write: chunk => (written.out += String(chunk)) },
      stderr: { write: chunk => (written.err += String(chunk)) },
      env: {},
      cwd: folder,
      now: Date.now,
      signal: new AbortController().signal,
    });
    return { exit, ...written };
  };

  const PAIR = ['a.example/x:1', 'b.example/y:1'];
  it.each([
    [[], 'import takes SOURCE TARGET, the name of an import in archweave.yaml, or --all.'],
    [['--all', 'mirror'], '--all takes every import'],
    [['miror'], 'archweave.yaml has no import "miror". Did you mean "mirror"?'],
    [['a.example/x:1', `b.example/y@sha256:${'a'.repeat(64)}`], 'import writes to a tag, not to a digest.'],
    [['a.example/x:1', 'a.example/x:1'], 'SOURCE and TARGET are the same.'],
    [['a.example/x:1', 'a.example/x'], 'SOURCE and TARGET are the same.'],
    [['a.example/x', 'a.example/x', '--tags', '*', '--yes'], 'SOURCE and TARGET are the same.'],
    [['a.example/x:1'], 'import takes SOURCE and TARGET; given: "a.example/x:1".'],
    [['lan/teams/*'], 'no import "lan/teams/*". Did you mean "lan/team/*"?'],
    [['a.example/x:1', 'b.example/y', '--tags', '1.*'], '--tags says which tags; a.example/x:1 names one.'],
    [['a.example/x', 'b.example/y', '--tags', 'a b'], '--tags "a b" matches no tag.'],
    [[...PAIR, '--split', '{version}-{arch}'], '--split "{version}-{arch}": {version} is none of'],
    [[...PAIR, '--split', '{tag}'], '--split "{tag}" has no {arch}'],
    [
      [`a.example/x@sha256:${'a'.repeat(64)}`, 'b.example/y', '--split', '{tag}-{arch}'],
      '--split needs a tag',
    ],
    [[...PAIR, '--platform', 'linux/x86_64'], 'images call it linux/amd64'],
    [[...PAIR, '--jobs', '0'], '--jobs "0" is not 1 to 64.'],
    [[...PAIR, '--limit-rate', '20'], '--limit-rate "20" is no rate.'],
    [['a.example/x:::', 'b.example/y'], 'a.example/x:::'],
    [['lan/team/*'], 'nobody is here to confirm. Add --yes.'],
    [['mirror'], 'nobody is here to confirm. Add --yes.'],
    [['a.example/x', 'b.example/y', '--tags', '*'], 'nobody is here to confirm. Add --yes.'],
  ])('%j are told before anything is asked', async (args, message) => {
    const { exit, out, err } = await run(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
  });
});
