import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { archweave, temporaryFolder } from '../../support/e2e-run.ts';

const EVENT = join(import.meta.dirname, '..', '..', 'fixtures', 'events', 'ecr-push.json');
const RULE = '    platforms: [linux/amd64, linux/arm64]';

describe('plan of an event', () => {
  const folder = temporaryFolder('plan-event');
  const cwd = folder.path;
  afterAll(() => folder.remove());

  it('check 40: an event is told which index it touches, though its registry is out of reach', async () => {
    const { account, region } = JSON.parse(readFileSync(EVENT, 'utf8'));
    const ecr = `${account}.dkr.ecr.${region}.amazonaws.com`;
    const file = join(cwd, 'ecr.yaml');
    const env = {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    };
    const planEvent = () => archweave(['plan', '-c', file, '--event', EVENT], { cwd, env });
    writeFileSync(file, `indexes:\n  - repositories: ["${ecr}/team/*"]\n${RULE}\n`);
    const unreachable = await planEvent();
    expect(unreachable.rc).toBe(1);
    expect(unreachable.err.split('\n')[0]).toBe(
      'push team/app:1.4.0-amd64 (ecr, 2026-01-16T01:54:34Z) touches 1 index: team/app:1.4.0',
    );
    expect(unreachable.err).toContain('[unreachable]');
    writeFileSync(file, `indexes:\n  - repositories: ["${ecr}/other/*"]\n${RULE}\n`);
    const nobodys = await planEvent();
    expect(nobodys).toMatchObject({ rc: 0, out: expect.stringContaining('touches no index: no rule makes') });
  });
});
