import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { archweave, temporaryFolder } from '../../support/e2e-run.ts';
import { UNSAFE } from './unsafe-text.ts';

const PASSWORD = 'pa55word-of-the-tests';
const HEAD = `registries:\n  lan: { host: r.example, credentials: "robot:${PASSWORD}" }\n`;

function bomb(levels: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level <= levels; level++)
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );
  return `${lines.join('\n')}\nindexes: *a${levels}\n`;
}

describe('a configuration from somebody hostile', () => {
  const folder = temporaryFolder('hostile-configuration');
  afterAll(() => folder.remove());

  it.each([
    ['aliases of aliases', `${HEAD}${bomb(9)}`],
    ['an alias of itself', `${HEAD}indexes: &a [*a]\n`],
    ['lists in lists, 20,000 deep', `${HEAD}indexes: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`],
    ['ten megabytes', `${HEAD}x: "${'a'.repeat(10_000_000)}"\n`],
    ['a key that ends a line', `${HEAD}"\\e[2J\\r\\n\\u202eevil": 1\n`],
    ['a tag that names a type', `${HEAD}indexes: !!js/function "process.exit(0)"\n`],
    [
      'a template that is slow to match',
      `${HEAD}indexes:\n  - { repositories: [lan/${'*a'.repeat(400)}], platforms: [linux/amd64], members: "${'{a}-'.repeat(90)}" }\n`,
    ],
  ])('with %s is refused in time, in few words, and tells no password', async (_, text) => {
    const file = join(folder.path, 'archweave.yaml');
    writeFileSync(file, text);
    for (const args of [['check'], ['serve', '--listen', '127.0.0.1:0']]) {
      const { rc, out, err, ms } = await archweave(args, { cwd: folder.path, timeout: 20_000 });
      expect({ args, rc }).toEqual({ args, rc: 2 });
      expect(out + err).not.toContain(PASSWORD);
      expect(out + err).not.toMatch(UNSAFE);
      expect((out + err).length).toBeLessThan(5_000);
      expect(ms).toBeLessThan(10_000);
    }
  });
});
