import { ArchweaveError } from '../errors.ts';
import type { RegistrySetting } from '../server/serve.ts';

/** What a header can carry, and long enough that nobody guesses it. */
const SHAPE = /^[\x21-\x7e]{20,512}$/;

/**
 * The secrets of single hooks that archweave.yaml finds in the environment (`hook: env:NAME`), by the names of their
 * registries. Those in Secrets Manager are a deployment's: here such a hook has the token of the others.
 *
 * Throws `bad-config` where one is missing or too easy; never shows any.
 */
export function hookSecrets(
  registries: readonly Pick<RegistrySetting, 'name' | 'hook'>[],
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const { name, hook } of registries) {
    if (!hook?.startsWith('env:')) continue;
    const variable = hook.slice('env:'.length);
    const secret = env[variable];
    if (secret === undefined || !SHAPE.test(secret)) throw unusable(name, variable, secret);
    secrets.set(name, secret);
  }
  return secrets;
}

function unusable(name: string, variable: string, secret: string | undefined): ArchweaveError {
  const problem = secret === undefined ? 'is not set' : 'is no secret: 20 or more characters without spaces';
  return new ArchweaveError({
    code: 'bad-config',
    attempt: `open the hook of ${name}`,
    reason: `$${variable} ${problem}`,
    next: `export ${variable}="$(openssl rand -hex 32)"   (the webhook sends it: Authorization: Bearer ...)`,
  });
}
