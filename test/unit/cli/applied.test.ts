import { describe, expect, it } from '@jest/globals';
import { applyAnswer, type Deed, deedsToTell, sayDeed } from '../../../lib/cli/applied.ts';
import type { Invocation } from '../../../lib/cli/command.ts';
import { openTerminal } from '../../../lib/cli/terminal.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const at = { host: 'r.example', repository: 'app', tag: '1.0', action: 'new' as const, ms: 12 };
const LINE = `r.example/app:1.0@${DIGEST}\n`;
const written: Deed = { ...at, applied: { result: 'written', digest: DIGEST, group: {} as never } };

function invocation(json: boolean) {
  const out: string[] = [];
  const stdout = { write: (chunk: string | Uint8Array) => out.push(String(chunk)) };
  const terminal = openTerminal({
    stdout,
    stderr: { write: () => {} },
    env: {},
    quiet: false,
    color: 'never',
  });
  const stop = new AbortController();
  const flags = { has: () => false };
  const given = { terminal, flags, common: { json }, now: () => 0, signal: stop.signal };
  return { out, given: given as unknown as Invocation, stop: () => stop.abort() };
}

describe('a tag that apply has written', () => {
  it('is on stdout in the end', async () => {
    const { given } = invocation(false);
    expect((await applyAnswer([written], [], given)).text).toBe(LINE);
  });

  it('is on stdout where the rest is stopped', () => {
    const { out, given, stop } = invocation(false);
    const deeds = deedsToTell(given);
    deeds.push(written);
    sayDeed(written, given);
    expect(out).toEqual([]);
    stop();
    expect(out.join('')).toBe(LINE);
  });

  it('is not put before the one document of --json', () => {
    const { out, given, stop } = invocation(true);
    deedsToTell(given).push(written);
    stop();
    expect(out).toEqual([]);
  });
});

describe('the document of a saved plan', () => {
  it('counts what was planned, as that of any plan does', async () => {
    const { given } = invocation(true);
    const stays: Deed = { ...at, action: 'change', applied: { result: 'unchanged', group: {} as never } };
    const { document } = await applyAnswer([written, stays], [], given, { saved: true });
    expect(document).toMatchObject({ summary: { publish: 1, change: 1, unchanged: 0, failed: 0 } });
  });
});
