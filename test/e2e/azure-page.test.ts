import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../lib/rules/load.ts';
import { openFakeAcr } from '../support/acr-fake-client.ts';
import { sampleImage } from '../support/e2e-images.ts';
import { archweave, temporaryFolder } from '../support/e2e-run.ts';
import { type Served, serve, settle } from '../support/e2e-serve.ts';
import { PROJECT_ROOT } from '../support/find-tool.ts';
import { pushToMemory } from '../support/push-to-memory.ts';
import { type StsFake, startStsFake, stsFakeEnv } from '../support/sts-fake.ts';

const PAGE = readFileSync(join(PROJECT_ROOT, 'docs', 'azure.md'), 'utf8');
const COMMANDS = [...PAGE.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^ {4}(\S.*)$/gm)].map(
  ([, line]) => line!,
);
const BLOCKS = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);
/** What is Microsoft's and Amazon's: it is looked at in its own tests, or on a real account. */
const OTHERS =
  /^(aws iam enable-outbound-web-identity-federation|aws secretsmanager create-secret .*|az (deployment group create|containerapp identity assign) .*|npx cdk deploy .*)$/;

describe('the page about Azure', () => {
  const folder = temporaryFolder('azure-page');
  const file = join(folder.path, 'archweave.yaml');
  let acr: Awaited<ReturnType<typeof openFakeAcr>>;
  let sts: StsFake;
  let served: Served | undefined;
  beforeAll(async () => {
    acr = await openFakeAcr();
    sts = await startStsFake();
    for (const architecture of ['amd64', 'arm64'])
      await pushToMemory(
        acr.registry,
        'team/app',
        `1.0-${architecture}`,
        sampleImage({ os: 'linux', architecture }),
      );
  });
  afterAll(async () => {
    await served?.stop();
    await sts?.stop();
    await acr?.stop();
    folder.remove();
  });
  const [first = ''] = BLOCKS;
  const indexes = first.slice(first.indexOf('indexes:'));
  const write = (text: string) => writeFileSync(file, text);
  const run = (command: string, env: Readonly<Record<string, string>> = acr.fake.env) => {
    const [, ...args] = command.replace(/ >.*$/, '').split(' ');
    return archweave(args, { cwd: folder.path, env: { ...env, ...stsFakeEnv(sts) } });
  };

  it('has blocks that check passes', () => {
    expect(BLOCKS).toHaveLength(3);
    for (const block of BLOCKS) {
      const text = block.includes('indexes:') ? block : block + indexes;
      expect(loadConfig(text, { file: 'archweave.yaml' }).findings).toEqual([]);
    }
  });

  it('names no command that nobody tries', () => {
    const ours = COMMANDS.filter(command => !OTHERS.test(command));
    expect(ours.filter(command => !/^archweave (check|azure|explain|serve)( |$)/.test(command))).toEqual([]);
    expect(COMMANDS.length).toBeGreaterThan(9);
  });

  it('prints the Azure side by each of its commands', async () => {
    for (const command of COMMANDS.filter(line => line.startsWith('archweave azure'))) {
      write(command.includes('--hooks') ? `${BLOCKS[2]}${indexes}` : first);
      const { rc, out, err } = await run(command);
      expect({ command, rc, err }).toEqual({ command, rc: 0, err: '' });
      expect(out).toMatch(command.includes('--serve') ? /archweave-write/ : /123456789012/);
      if (command.includes('--hooks')) expect(out).toContain('https://HOOKS/hooks/contoso');
    }
  });

  it('leads from a file to the first index, by serve as it would run in Azure', async () => {
    write(
      first
        .replace('{ host: contoso.azurecr.io }', '{ host: contoso.azurecr.io, poll: 1s }')
        .replace('platforms', 'backfill: true\n    platforms'),
    );
    expect(await run('archweave check')).toMatchObject({ rc: 0, err: '' });
    served = await serve({
      storage: join(folder.path, 'storage'),
      cwd: folder.path,
      env: acr.fake.env,
      args: ['--no-registry'],
    });
    const env = { cwd: folder.path, env: acr.fake.env };
    expect(await settle('contoso.azurecr.io/team/app:1.0', 0, env)).toMatchObject({ rc: 0 });
    // A push that nobody announces is found by asking.
    for (const architecture of ['amd64', 'arm64'])
      await pushToMemory(
        acr.registry,
        'team/app',
        `1.1-${architecture}`,
        sampleImage({ os: 'linux', architecture }, { text: '1.1' }),
      );
    expect(await settle('contoso.azurecr.io/team/app:1.1', 0, env)).toMatchObject({ rc: 0 });
    expect(served.log()).toContain('asking for new tags every 1 s');
  }, 60_000);

  it('says what is missing, once the ids of Entra are there', async () => {
    const { tenant, clientId } = acr.fake.world;
    write(
      first.replace('contoso.azurecr.io }', `contoso.azurecr.io, tenant: ${tenant}, clientId: ${clientId} }`),
    );
    const fine = await run('archweave check --online');
    expect(fine).toMatchObject({ rc: 0, err: '' });
    expect(fine.out).toMatch(/ok +credentials/);
    expect(fine.out).toContain(`AWS vouches for ${sts.subject}, as ${sts.issuer}`);

    sts.failNext(400, 'OutboundWebIdentityFederationDisabled', 'it is off', 5);
    const off = await run('archweave check --online');
    expect(off.rc).toBe(1);
    expect(off.out).toMatch(/WRONG +federation/);
    expect(off.out).toContain('aws iam enable-outbound-web-identity-federation');
  }, 60_000);
});
