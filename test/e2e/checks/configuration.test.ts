import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { archweave, type Outcome, temporaryFolder } from '../../support/e2e-run.ts';
import { jsonSchemaErrors } from '../../support/json-schema.ts';
import { type MarkedPlace, MISTAKES, SECRET, unmark } from '../../support/marked-mistakes.ts';
import { PROJECT_ROOT } from '../../support/tools.ts';

describe('check, the command', () => {
  const folder = temporaryFolder('check');
  let listener: Server;
  let connections = 0;
  let places: readonly MarkedPlace[];
  let human: Outcome;
  let json: Outcome;
  beforeAll(async () => {
    listener = createServer(socket => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address() as { port: number };
    const { text, places: found } = unmark(MISTAKES.replace('LISTENER', `127.0.0.1:${address.port}`));
    places = found;
    writeFileSync(join(folder.path, 'archweave.yaml'), text);
    human = await archweave(['check'], { cwd: folder.path });
    json = await archweave(['check', '--json'], { cwd: folder.path });
  });
  afterAll(async () => {
    await new Promise(resolve => listener.close(resolve));
    folder.remove();
  });

  it('check 47: every mistake is found at once, each at its place, in the order of the file', () => {
    expect(human.rc).toBe(2);
    const found = [...human.out.matchAll(/^archweave\.yaml:(\d+):(\d+): error: .*\[([a-z-]+)\]$/gm)].map(
      match => ({
        code: match[3],
        line: Number(match[1]),
        column: Number(match[2]),
      }),
    );
    expect(found).toEqual(places);
    expect(connections).toBe(0);
  });

  it('check 47: each finding shows its line and a mark under the place', () => {
    const source = readFileSync(join(folder.path, 'archweave.yaml'), 'utf8').split('\n');
    for (const { line, column } of places) {
      const shown = human.out.split('\n');
      const at = shown.findIndex(text => text.startsWith(`archweave.yaml:${line}:${column}: `));
      const quoted = shown[at + 1]!.split(' | ')[1]!;
      expect(quoted).toBe(source[line - 1]!.replace(SECRET, '********'));
      expect(shown[at + 2]!.split(' | ')[1]!.indexOf('^')).toBe(column - 1);
    }
  });

  it('check 47: the last line counts them, and CI on GitHub gets as many annotations', async () => {
    const last = `${places.length} mistakes in archweave.yaml. Nothing was contacted.`;
    expect(human.out.trimEnd().split('\n').at(-1)).toBe(last);
    const annotated = await archweave(['check'], { cwd: folder.path, env: { GITHUB_ACTIONS: 'true' } });
    const lines = `${annotated.out}${annotated.err}`.split('\n').filter(line => line.startsWith('::error '));
    expect(lines).toHaveLength(places.length);
    for (const [index, { line, column }] of places.entries()) {
      expect(lines[index]).toMatch(new RegExp(`^::error file=archweave\\.yaml,line=${line},col=${column}::`));
    }
  });

  it('check 47: a tab is found where it stands', async () => {
    const cwd = join(folder.path, 'tab');
    mkdirSync(cwd);
    const text =
      'registries:\n  lan: registry.lan:5000\nindexes:\n  - repositories: [lan/*]\n\n\tplatforms: [linux/amd64]\n';
    writeFileSync(join(cwd, 'archweave.yaml'), text);
    const { rc, out } = await archweave(['check'], { cwd });
    expect(rc).toBe(2);
    expect(out).toMatch(/^archweave\.yaml:6:1: error: .*\[yaml\]$/m);
  });

  it('check 48: the value of a secret is told nowhere', async () => {
    const annotated = await archweave(['check'], { cwd: folder.path, env: { GITHUB_ACTIONS: 'true' } });
    const verbose = await archweave(['check', '-v'], { cwd: folder.path });
    for (const { out, err } of [human, json, annotated, verbose]) {
      expect(out + err).not.toContain(SECRET);
    }
    expect(JSON.parse(json.out).findings.map((finding: MarkedPlace) => finding.code)).toEqual(
      places.map(place => place.code),
    );
  });

  it('check 49: every example has no mistakes and is what the schema says', async () => {
    const schema = JSON.parse((await archweave(['check', '--schema'])).out);
    const examples = readdirSync(join(PROJECT_ROOT, 'examples'), { recursive: true, encoding: 'utf8' });
    const files = examples
      .filter(name => name.endsWith('.yaml'))
      .map(name => join(PROJECT_ROOT, 'examples', name));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const { rc, out } = await archweave(['check', '-c', file]);
      expect({ file, rc, last: out.trimEnd().endsWith('No mistakes.') }).toEqual({ file, rc: 0, last: true });
      expect({ file, errors: jsonSchemaErrors(schema, parse(readFileSync(file, 'utf8'))) }).toEqual({
        file,
        errors: [],
      });
    }
    const unknown = {
      indexes: [{ repositories: ['a.example/b'], platforms: ['linux/amd64'], plattforms: [] }],
    };
    expect(jsonSchemaErrors(schema, unknown)).not.toEqual([]);
  });
});
