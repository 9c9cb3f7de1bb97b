import { spawn } from 'node:child_process';
import type { Environment, Login } from './login.ts';

const DEADLINE_MS = 10_000;
const MOST_BYTES = 1024 * 1024;

/** The user name with which a helper says that its secret is a refresh token. */
const TOKEN_USER = '<token>';

/**
 * Asks `docker-credential-NAME get` for a login, as docker does. Answers the login, or how it went instead as the
 * rest of a sentence ("has none", "is not installed"), without anything that the helper printed.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  env: Environment,
  signal?: AbortSignal,
  deadline = DEADLINE_MS,
): Promise<Login | string> {
  // The name comes from a file; a path in it would start any program.
  if (!/^[\w.-]+$/.test(name)) return 'is no name of a helper';
  const { output, outcome } = await run(`docker-credential-${name}`, server, env, signal, deadline);
  if (outcome !== 0) {
    if (typeof outcome === 'string') return outcome;
    return /credentials not found/i.test(output) ? 'has none' : `failed (exit ${outcome})`;
  }
  try {
    const { Username, Secret } = JSON.parse(output) as { Username?: unknown; Secret?: unknown };
    if (typeof Secret !== 'string' || Secret === '') return 'has none';
    if (Username === TOKEN_USER) return { identityToken: Secret };
    return { username: typeof Username === 'string' ? Username : '', password: Secret };
  } catch {
    return 'answers with no JSON';
  }
}

/** The helper's output, and its exit code or what came of it instead. */
function run(
  command: string,
  input: string,
  env: Environment,
  signal: AbortSignal | undefined,
  deadline: number,
): Promise<{ output: string; outcome: number | string }> {
  return new Promise(resolve => {
    const child = spawn(command, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...env } });
    let output = '';
    const end = (outcome: number | string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      child.stdout.destroy();
      resolve({ output, outcome });
    };
    const kill = (why: string) => {
      child.kill('SIGKILL');
      end(why);
    };
    const stop = () => kill('was stopped');
    const timer = setTimeout(() => kill(`did not answer within ${deadline} ms`), deadline);
    signal?.addEventListener('abort', stop, { once: true });
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? 'is not installed' : 'cannot be started'),
    );
    child.on('close', code => end(code ?? 'was ended'));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MOST_BYTES) kill('answers too much');
    });
    child.stdin.on('error', () => {}).end(`${input}\n`);
  });
}
