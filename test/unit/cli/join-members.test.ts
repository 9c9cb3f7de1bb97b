import { expect, it } from '@jest/globals';
import type { Invocation } from '../../../lib/cli/command.ts';
import { COMMANDS } from '../../../lib/cli/commands.ts';
import { joinMembers } from '../../../lib/cli/join-members.ts';
import { readJoinRequest } from '../../../lib/cli/join-request.ts';
import { parseFlags, readCommonOptions } from '../../../lib/cli/parse-arguments.ts';
import { openTerminal } from '../../../lib/cli/terminal.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { storeImage } from '../assembly/a-world.ts';

const HOST = '127.0.0.1:5100';

/** A registry that refuses every write to one tag. */
class Refusing extends MemoryRegistry {
  refused = '';
  override async writeManifest(...args: Parameters<MemoryRegistry['writeManifest']>): Promise<void> {
    const [repository, reference] = args;
    if (reference !== this.refused) return super.writeManifest(...args);
    throw new ArchweaveError({
      code: 'forbidden',
      attempt: `write ${HOST}/${repository}:${reference}`,
      where: `PUT http://${HOST}/v2/${repository}/manifests/${reference} -> 403`,
      status: 403,
      reference: `${HOST}/${repository}:${reference}`,
    });
  }
}

async function create(refused: string): Promise<string> {
  const registry = new Refusing();
  await registry.writeManifest('app', '1.0-amd64', await storeImage(registry, { arch: 'amd64' }));
  registry.refused = refused;
  const said: (string | Uint8Array)[] = [];
  const stderr = { write: (text: string | Uint8Array) => said.push(text) };
  const argv = [`${HOST}/app:1.0`, ':1.0-amd64', '-t', 'latest,1'];
  const { operands, flags } = parseFlags(
    argv,
    'create',
    COMMANDS.find(({ name }) => name === 'create')!.flags,
  );
  const invocation: Invocation = {
    operands,
    flags,
    common: readCommonOptions(flags),
    terminal: openTerminal({ stdout: stderr, stderr, env: {}, quiet: false, color: 'never' }),
    cwd: '/',
    env: {},
    now: () => 0,
    signal: new AbortController().signal,
  };
  const request = await readJoinRequest(invocation);
  const asked = registry.readManifests('app', [...request.join.members, ...request.join.tags]);
  await joinMembers(invocation, { request, registry, asked, cost: { since: 0, requests: 0 } });
  return said.join('').trimEnd().split('\n').at(-1)!;
}

it('says of a refused write which tags were not touched, and of none that was written', async () => {
  expect(await create('1.0')).toBe(`  ${HOST}/app:1.0 ${HOST}/app:latest ${HOST}/app:1 were not touched.`);
  expect(await create('latest')).toBe(`  ${HOST}/app:latest ${HOST}/app:1 were not touched.`);
  expect(await create('1')).toBe(`  ${HOST}/app:1 was not touched.`);
});
