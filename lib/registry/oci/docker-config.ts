import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { askCredentialHelper } from './credential-helper.ts';
import { isDockerHub } from './endpoint.ts';
import type { Environment, Login, LoginSearch } from './login.ts';

/** The key under which docker keeps the login of its own registry. */
const HUB_KEY = 'https://index.docker.io/v1/';

interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credHelpers?: Readonly<Record<string, unknown>>;
  readonly credsStore?: unknown;
}

/**
 * Looks for the login in docker's and podman's files: $DOCKER_CONFIG/config.json (~/.docker without it),
 * $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json. In each, the helper for the host comes first, then the
 * store for all, then what is written in the file. A file that cannot be read counts as one without a login.
 */
export async function searchDockerConfig(
  host: string,
  env: Environment,
  signal?: AbortSignal,
): Promise<LoginSearch> {
  const tried: string[] = [];
  for (const path of filesOf(env)) {
    const shown = shownPath(path, env);
    const config = await readConfig(path);
    if (typeof config === 'string') tried.push(`${shown} ${config}`);
    else {
      const { login, notes } = await loginIn(config, host, env, signal);
      if (login) return { login, tried: [`credentials of ${shown}`] };
      tried.push(...notes, `${shown} has none for ${host}`);
    }
  }
  return { tried };
}

function filesOf(env: Environment): readonly string[] {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = env;
  const files = [join(DOCKER_CONFIG || join(homeOf(env), '.docker'), 'config.json')];
  if (REGISTRY_AUTH_FILE) files.push(REGISTRY_AUTH_FILE);
  if (XDG_RUNTIME_DIR) files.push(join(XDG_RUNTIME_DIR, 'containers', 'auth.json'));
  return files;
}

async function readConfig(path: string): Promise<DockerConfig | string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read';
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : 'is no JSON object';
  } catch {
    return 'is no JSON';
  }
}

async function loginIn(
  config: DockerConfig,
  host: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<{ login?: Login; notes: readonly string[] }> {
  const notes: string[] = [];
  const helper = keysOf(host)
    .map(key => config.credHelpers?.[key])
    .find(name => name !== undefined);
  for (const name of [helper, config.credsStore]) {
    if (typeof name !== 'string' || name === '') continue;
    const answer = await askCredentialHelper(name, isDockerHub(host) ? HUB_KEY : host, env, signal);
    if (typeof answer === 'object') return { login: answer, notes };
    notes.push(`docker-credential-${name} ${answer}`);
  }
  for (const [key, entry] of Object.entries(config.auths ?? {})) {
    const login = keysOf(host).includes(bareHost(key)) ? loginOf(entry) : undefined;
    if (login) return { login, notes };
  }
  return { notes };
}

/** Under which names a host may stand in such a file, once scheme and path are off. */
function keysOf(host: string): readonly string[] {
  return isDockerHub(host) ? ['index.docker.io', 'docker.io', 'registry-1.docker.io', HUB_KEY] : [host];
}

/** `https://index.docker.io/v1/` is the host index.docker.io; a key that names a path within a registry is none. */
function bareHost(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/(v[12]\/?)?$/, '')
    .toLowerCase();
}

function loginOf(entry: unknown): Login | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { auth, username, password, identitytoken, registrytoken } = entry as Record<string, unknown>;
  if (isText(registrytoken)) return { registryToken: registrytoken };
  if (isText(identitytoken)) return { identityToken: identitytoken };
  if (isText(username) && isText(password)) return { username, password };
  const decoded = isText(auth) ? Buffer.from(auth, 'base64').toString('utf8') : '';
  const colon = decoded.indexOf(':');
  if (colon < 1) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function homeOf(env: Environment): string {
  return env.HOME || homedir();
}

function shownPath(path: string, env: Environment): string {
  const home = homeOf(env);
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
