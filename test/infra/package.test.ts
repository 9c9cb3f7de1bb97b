import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run, temporaryFolder } from '../support/e2e-run.ts';
import { PROJECT_ROOT } from '../support/tools.ts';
import { TEAMS } from './a-stack.ts';

const MODULES = join(PROJECT_ROOT, 'node_modules');
const { dependencies, peerDependencies, exports, typesVersions, files } = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'),
);

/** Runs a program, and fails with all that it said where it fails. */
async function done(command: string, args: readonly string[], cwd: string, env = {}): Promise<string> {
  const { rc, out, err } = await run(command, args, { cwd, env, timeout: 120_000 });
  if (rc !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${rc}:\n${out}${err}`);
  return out;
}

describe('the package, packed', () => {
  const folder = temporaryFolder('package');
  const installed = join(folder.path, 'node_modules', 'archweave');
  const node = (args: readonly string[], cwd = folder.path, env = {}) =>
    done(process.execPath, args, cwd, env);

  beforeAll(async () => {
    await done('npm', ['pack', '--pack-destination', folder.path], PROJECT_ROOT, {
      PATH: process.env.PATH,
      HOME: folder.path,
    });
    mkdirSync(installed, { recursive: true });
    const [tarball] = readdirSync(folder.path).filter(name => name.endsWith('.tgz'));
    await done(
      'tar',
      ['-xzf', join(folder.path, tarball!), '-C', installed, '--strip-components=1'],
      folder.path,
    );
    // What npm would install beside it is here already.
    for (const name of [
      ...Object.keys(dependencies),
      ...Object.keys(peerDependencies),
      '@types/node',
      'undici-types',
    ]) {
      const link = join(folder.path, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(MODULES, name), link);
    }
  }, 180_000);
  afterAll(() => folder.remove());

  it('carries no TypeScript, and nothing that names the machine it was made on', () => {
    const all = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(all.filter(name => /\.ts$/.test(name) && !/\.d\.ts$/.test(name))).toEqual([]);
    expect(all.length).toBeGreaterThan(50);
    for (const name of all.filter(name => /\.m?js$|\.d\.ts$/.test(name)))
      expect(readFileSync(join(installed, name), 'utf8').includes(PROJECT_ROOT)).toBe(false);
  });

  it('has every file that package.json names, and types at the same place for every way to resolve them', () => {
    const { types, default: module } = exports['./cdk'];
    for (const path of [types, module, ...files.filter((name: string) => !name.includes('*'))])
      expect([path, existsSync(join(installed, path))]).toEqual([path, true]);
    expect(typesVersions).toEqual({ '*': { cdk: [types] } });
  });

  it('runs its commands', async () => {
    writeFileSync(join(folder.path, 'archweave.yaml'), TEAMS);
    const bin = join(installed, 'bin', 'archweave');
    expect(await node([bin, 'check'])).toBe('archweave.yaml: 1 registry, 1 index rule. No mistakes.\n');
    const demo = await node([bin, 'demo'], folder.path, { CI: '1' });
    expect(demo).toMatch(/published {2}hello:1\.0/);
  });

  describe.each([
    ['CommonJS', undefined],
    ['ES modules', 'module'],
  ])('in an app that cdk init made, of %s', (_, type) => {
    const app = join(folder.path, `app-${type ?? 'commonjs'}`);

    beforeAll(async () => {
      mkdirSync(app);
      await done(
        join(MODULES, '.bin', 'cdk'),
        ['init', 'app', '--language', 'typescript', '--generate-only'],
        app,
        {
          HOME: folder.path,
          CI: '1',
        },
      );
      rmSync(join(app, 'test'), { recursive: true });
      writeFileSync(join(app, 'archweave.yaml'), TEAMS);
      edit(join(app, 'package.json'), text => JSON.stringify({ ...JSON.parse(text), ...(type && { type }) }));
      const [stack] = readdirSync(join(app, 'lib')).map(name => join(app, 'lib', name));
      edit(stack!, text =>
        `import { Archweave } from 'archweave/cdk';\n${text}`.replace(
          /super\(scope, id, props\);/,
          `$&
    const weave = new Archweave(this, 'Archweave', { config: 'archweave.yaml' });
    weave.onIndexPublished('Deploy', { repository: ['team/shop'] });`,
        ),
      );
      const [entry] = readdirSync(join(app, 'bin')).map(name => join(app, 'bin', name));
      if (type) edit(entry!, text => text.replace(/(from '\.\.\/lib\/[^']+)'/, "$1.js'"));
    }, 60_000);

    it('compiles, and synthesises what is deployed', async () => {
      const tsc = [
        join(MODULES, 'typescript', 'bin', 'tsc'),
        '--typeRoots',
        '../node_modules/@types',
        '--types',
        'node',
        '--noEmit',
        'false',
        '--outDir',
        'out',
      ];
      await node(tsc, app);
      const [entry] = readdirSync(join(app, 'out', 'bin')).filter(name => name.endsWith('.js'));
      await node([join('out', 'bin', entry!)], app, { CDK_OUTDIR: 'cdk.out', CDK_VALIDATION: 'false' });
      const [template] = readdirSync(join(app, 'cdk.out')).filter(name => name.endsWith('.template.json'));
      const { Resources } = JSON.parse(readFileSync(join(app, 'cdk.out', template!), 'utf8'));
      const kinds = Object.values(Resources as Record<string, { readonly Type: string }>).map(
        ({ Type }) => Type,
      );
      expect(kinds.filter(kind => kind === 'AWS::Lambda::Function')).toHaveLength(4);
      expect(kinds.filter(kind => kind === 'AWS::Events::Rule')).toHaveLength(2);
      const assets = readdirSync(join(app, 'cdk.out'), { recursive: true, encoding: 'utf8' });
      expect(assets.filter(name => /^asset\..*\/assemble\.mjs$/.test(name))).toHaveLength(1);
    }, 60_000);
  });
});

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
