import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CHECKS } from './checks.ts';
import type { LiveCheck } from './live-check.ts';
import { openLiveWorld } from './live-world.ts';

/**
 * `npm run live [CHECK...]`: asks a real account what its vendor's documentation leaves open. It makes things under a
 * throw-away name and removes them, and begins only where ARCHWEAVE_LIVE_ACCOUNT is the account of the credentials.
 */
const CONSENT = 'ARCHWEAVE_LIVE_ACCOUNT';
const PATIENCE = 'ARCHWEAVE_LIVE_SECONDS';

const { env } = process;
process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter(name => !CHECKS.some(check => check.name === name));
  if (unknown.length > 0 || names.includes('--help')) {
    console.error(
      `npm run live -- [CHECK...]\n${CHECKS.map(({ name, asks }) => `  ${name.padEnd(26)}${asks}`).join('\n')}`,
    );
    return names.includes('--help') ? 0 : 2;
  }
  const region = env.AWS_REGION;
  if (!env[CONSENT] || !region) {
    console.error(
      `This makes and removes things in a real account. To allow it: AWS_REGION=... ${CONSENT}=123456789012 npm run live`,
    );
    return 2;
  }
  const sts = new STSClient({ region });
  const { Account: account = '' } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  if (account !== env[CONSENT]) {
    console.error(
      `The credentials are of account ${account}, and ${CONSENT} allows ${env[CONSENT]} only. Nothing was done.`,
    );
    return 2;
  }
  let failures = 0;
  for (const check of names.length === 0 ? CHECKS : CHECKS.filter(({ name }) => names.includes(name)))
    failures += await runCheck(check, { account, region });
  return failures > 0 ? 1 : 0;
}

/** Answers how much of it failed. */
async function runCheck(
  { name, asks, needs = [], run }: LiveCheck,
  place: { readonly account: string; readonly region: string },
): Promise<number> {
  const missing = needs.filter(variable => !env[variable]);
  console.log(`${name}  ${asks}`);
  if (missing.length > 0) {
    console.log(`    skipped: needs ${missing.join(', ')}`);
    return 0;
  }
  const world = openLiveWorld({ ...place, env, patience: Number(env[PATIENCE] ?? 60) * 1_000 });
  let failures = 0;
  try {
    for (const line of await run(world)) console.log(`    ${line}`);
  } catch (error) {
    failures += 1;
    console.log(`    FAILED ${(error as Error).name}: ${(error as Error).message}`);
  }
  for (const line of await world.cleanUp()) {
    failures += 1;
    console.log(`    NOT REMOVED ${line}`);
  }
  return failures;
}
