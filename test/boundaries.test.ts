import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { brokenBoundaries } from './support/boundaries.ts';
import { importGraph } from './support/import-graph.ts';

const ROOT = join(import.meta.dirname, '..');

describe('the boundaries between folders', () => {
  it('are kept', () => {
    expect(brokenBoundaries(ROOT)).toEqual([]);
  });

  it('are looked at in every file, and every import of our own is a file that is there', () => {
    const graph = importGraph(ROOT, ['lib', 'functions', 'infra']);
    expect(graph.size).toBeGreaterThan(50);
    const missing = [...graph].flatMap(([file, edges]) =>
      edges.filter(({ to }) => to.startsWith('lib/') && !graph.has(to)).map(({ to }) => `${file} -> ${to}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('a boundary that is broken on purpose', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const brokenIn = (files: Readonly<Record<string, string>>): readonly string[] => {
    const root = mkdtempSync(join(tmpdir(), 'archweave-boundaries-'));
    folders.push(root);
    for (const [file, source] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), source);
    }
    return brokenBoundaries(root).map(line => line.replace(/ {3}\(.*$/, ''));
  };

  it('is told with the way to it', () => {
    const found = brokenIn({
      'lib/image/a.ts': "import { b } from './b.ts';",
      'lib/image/b.ts': "export {\n  c,\n} from '../registry/c.ts';",
      'lib/registry/c.ts': 'export const c = 1;',
    });
    expect(found).toEqual(['lib/image/a.ts -> lib/image/b.ts -> lib/registry/c.ts']);
  });

  it.each([
    ['a package', "import { Hono } from 'hono';", 'hono'],
    ['a part of a package', "import { serve } from '@hono/node-server/serve';", '@hono/node-server'],
    ['a module of Node', "import { readFileSync } from 'node:fs';", 'node:fs'],
    ['a type', "import type { Ledger } from '../ledger/interface.ts';", 'lib/ledger/interface.ts'],
    ['an import for its effect', "import '../cli/main.ts';", 'lib/cli/main.ts'],
    ['an import at run time', "const open = () => import('../server/serve.ts');", 'lib/server/serve.ts'],
    ['an import over several lines', "import {\n  a,\n  b,\n} from 'lodash';", 'lodash'],
    ['a whole re-export', "export * from '../registry/oci/open.ts';", 'lib/registry/oci/open.ts'],
  ])('is found in pure code as %s', (_, source, to) => {
    expect(brokenIn({ 'lib/events/a.ts': source })).toEqual([`lib/events/a.ts -> ${to}`]);
  });

  it('is not seen in comments and texts', () => {
    const source = [
      "// import { a } from 'hono';",
      "/* import { a } from 'hono';\n   const b = import('node:fs'); */",
      "export const text = \"say import, from 'hono'\"; // import('hono')",
    ].join('\n');
    expect(brokenIn({ 'lib/image/a.ts': source })).toEqual([]);
  });

  it('is found where assembly reaches an adapter, Node or a package', () => {
    const found = brokenIn({
      'lib/assembly/a.ts':
        "import type { R } from '../registry/interfaces.ts';\nimport { M } from '../registry/memory.ts';\nimport { x } from 'node:timers';\nimport p from 'p-limit';",
      'lib/registry/interfaces.ts': '',
      'lib/registry/memory.ts': '',
    });
    expect(found).toEqual([
      'lib/assembly/a.ts -> lib/registry/memory.ts',
      'lib/assembly/a.ts -> node:timers',
      'lib/assembly/a.ts -> p-limit',
    ]);
  });

  it.each([
    'setTimeout(done, 5)',
    'Date.now()',
    'new Date()',
    'process.env.X',
    'Math.random()',
    'AbortSignal.timeout(5)',
  ])('is found where assembly uses %s', code => {
    expect(brokenIn({ 'lib/assembly/a.ts': `// Date.now()\nexport const x = () => ${code};` })).toHaveLength(
      1,
    );
    expect(brokenIn({ 'lib/assembly/a.ts': 'export const at = (now: number) => new Date(now);' })).toEqual(
      [],
    );
  });

  it('is found where zod is used outside of loading, or loading is used by other pure code', () => {
    const loading = {
      'lib/rules/load.ts': "import { schema } from './schema.ts';\nimport { parse } from 'yaml';",
      'lib/rules/schema.ts': "import { z } from 'zod';\nimport { glob } from './glob.ts';",
      'lib/rules/glob.ts': '',
    };
    expect(brokenIn(loading)).toEqual([]);
    const typed = { 'lib/image/a.ts': "import type { Config } from '../rules/load.ts';" };
    expect(brokenIn({ ...loading, ...typed })).toEqual([]);
    const used = {
      'lib/image/a.ts': "import '../rules/match.ts';",
      'lib/rules/match.ts': "import './load.ts';",
    };
    expect(brokenIn({ ...loading, ...used })).toEqual([
      'lib/image/a.ts -> lib/rules/match.ts -> lib/rules/load.ts',
    ]);
    const shared = { 'lib/rules/match.ts': "import './schema.ts';" };
    expect(brokenIn({ ...loading, ...shared })).toEqual(['lib/rules/match.ts -> lib/rules/schema.ts -> zod']);
  });

  it("is found where a vendor's SDK is outside its adapter", () => {
    const found = brokenIn({
      'lib/registry/ecr/open.ts': "import { ECRClient } from '@aws-sdk/client-ecr';",
      'functions/receive.ts': "import { SQSClient } from '@aws-sdk/client-sqs';",
      'lib/server/serve.ts': "import { ECRClient } from '@aws-sdk/client-ecr';",
    });
    expect(found).toEqual(['lib/server/serve.ts -> @aws-sdk/client-ecr']);
  });

  it('is found where functions, commands and infra reach each other', () => {
    const found = brokenIn({
      'functions/a.ts': "import '../lib/shared/s.ts';",
      'lib/shared/s.ts': "import '../cli/main.ts';",
      'lib/cli/main.ts': "import '../../functions/b.ts';",
      'functions/b.ts': '',
      'infra/stack.ts':
        "import '../lib/rules/load.ts';\nimport '../lib/registry/memory.ts';\nimport '@aws-sdk/client-sqs';",
      'lib/rules/load.ts': '',
      'lib/registry/memory.ts': '',
    });
    expect(found).toEqual([
      'functions/a.ts -> lib/shared/s.ts -> lib/cli/main.ts',
      'infra/stack.ts -> @aws-sdk/client-sqs',
      'infra/stack.ts -> @aws-sdk/client-sqs',
      'infra/stack.ts -> lib/registry/memory.ts',
      'lib/cli/main.ts -> functions/b.ts',
    ]);
  });
});
