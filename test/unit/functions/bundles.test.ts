import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Metafile } from 'esbuild';
import {
  ARM_FUNCTIONS,
  AZURE_FUNCTIONS,
  bundleFunctions,
  FUNCTIONS,
} from '../../../functions/bundle/bundle-functions.ts';

/** What no function of these needs: it would be loaded at each cold start. */
const ABSENT = [
  ['the YAML parser', /node_modules\/yaml\//],
  ['zod', /node_modules\/zod\//],
  ['Azure', /azure/i],
  ["serve's own", /node_modules\/(hono|@hono)\/|lib\/server\/(storage|registry|serve)/],
  ['commands', /^lib\/cli\//],
  ['the loading of archweave.yaml', /^lib\/rules\/load/],
  ['SQLite', /sqlite/],
  ["the SDK's search for credentials", /node_modules\/@aws-sdk\/credential-provider-/],
] as const;

describe('the bundles of the functions', () => {
  let out: string;
  let metafile: Metafile;
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'archweave-bundles-'));
    metafile = await bundleFunctions(out);
  });
  afterAll(() => rm(out, { recursive: true }));

  const inputsOf = (name: string) => {
    const [, output] = Object.entries(metafile.outputs).find(([file]) => file.endsWith(`/${name}.mjs`))!;
    return Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file);
  };

  it.each(FUNCTIONS)('of %s has nothing in it that it does not need', name => {
    const found = inputsOf(name).flatMap(file =>
      ABSENT.filter(([, pattern]) => pattern.test(file)).map(([what]) => `${what}: ${file}`),
    );
    expect(found).toEqual([]);
  });

  it.each(Object.keys({ ...AZURE_FUNCTIONS, ...ARM_FUNCTIONS }))(
    'of %s has registries of Azure, and nothing else that it does not need',
    name => {
      const found = inputsOf(name).flatMap(file =>
        ABSENT.filter(([what, pattern]) => what !== 'Azure' && pattern.test(file)).map(
          ([what]) => `${what}: ${file}`,
        ),
      );
      expect(found).toEqual([]);
      expect(inputsOf(name)).toContain('lib/registry/acr/open.ts');
      const needless = /default-identity|node_modules\/(jsonwebtoken|open)\//;
      expect(inputsOf(name).filter(file => needless.test(file))).toEqual([]);
    },
  );

  it('of copy-azure-arm alone can ask Azure Resource Manager for imports', () => {
    const names = [...FUNCTIONS, ...Object.keys({ ...AZURE_FUNCTIONS, ...ARM_FUNCTIONS })];
    const asking = names.filter(name => inputsOf(name).some(file => file.includes('/@azure/arm-')));
    expect(asking).toEqual(['copy-azure-arm']);
  });

  it('of poll has ACR alone', () => {
    expect(inputsOf('poll').filter(file => /client-ecr|lib\/registry\/ecr\/(?!ecr-host)/.test(file))).toEqual(
      [],
    );
  });

  it.each(['receive', 'due', 'hook', 'authorize'])('of %s cannot talk to a registry', name => {
    const talks = (file: string) => /client-ecr|lib\/registry\/(ecr\/(?!ecr-host)|oci|acr)/.test(file);
    expect(inputsOf(name).filter(talks)).toEqual([]);
  });

  it('of authorize, and of what imports, read secrets, and authorize does nothing else', () => {
    const secrets = (name: string) => inputsOf(name).filter(file => file.includes('client-secrets-manager'));
    expect(FUNCTIONS.filter(name => secrets(name).length > 0)).toEqual([
      'authorize',
      'import-intake',
      'copy',
    ]);
    expect(inputsOf('authorize').filter(file => /client-(sqs|dynamodb|eventbridge)/.test(file))).toEqual([]);
  });

  it.each([
    ['receive', 300],
    ['assemble', 500],
    ['due', 350],
    ['sweep', 500],
    ['hook', 300],
    ['authorize', 300],
    ['poll', 800],
    ['import-intake', 550],
    ['copy', 550],
    ['import-intake-azure', 950],
    ['copy-azure', 950],
    ['copy-azure-arm', 1050],
    ['sweep-azure', 900],
    ['assemble-azure', 900],
  ])('of %s has at most %d KB', async (name, limit) => {
    const { size } = await stat(join(out, `${name}.mjs`));
    expect(size).toBeLessThanOrEqual(limit * 1000);
  });
});
