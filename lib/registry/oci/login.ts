/** What to log in with. Which fields are there decides how: a registry's own token needs no token server. */
export interface Login {
  readonly username?: string;
  readonly password?: string;
  /** A refresh token, for the token server. */
  readonly identityToken?: string;
  /** A bearer token, for the registry itself. */
  readonly registryToken?: string;
  /** Milliseconds since 1970 from which on another login is to be looked for; left out: as long as it is taken. */
  readonly until?: number;
}

/** What was found, and a sentence part for each place that was looked in; no part holds a secret. */
export interface LoginSearch {
  readonly login?: Login;
  readonly tried: readonly string[];
  /** What to do where the registry does not take it; `docker login` where left out. */
  readonly next?: string;
}

/**
 * Finds the login for a host (`docker.io` for Docker Hub); asked once, when the registry asks who is there, and again
 * where what it found has ended or is not taken any more. One that fails is asked again for the next request.
 */
export type LoginSource = (host: string, signal?: AbortSignal) => Promise<LoginSearch>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where logins come from, in order, the first that has one: the pointer of archweave.yaml (`env:VAR`, whose value
 * is USER:PASSWORD), then docker's and podman's files, else nobody.
 */
export function loginSource(pointer: string | undefined, env: Environment): LoginSource {
  return async (host, signal) => {
    const pointed = readPointer(pointer, env);
    if (pointed.login) return pointed;
    const { searchDockerConfig } = await import('./docker-config.ts');
    const filed = await searchDockerConfig(host, env, signal);
    return { ...filed, tried: filed.login ? filed.tried : [...pointed.tried, ...filed.tried] };
  };
}

function readPointer(pointer: string | undefined, env: Environment): LoginSearch {
  if (pointer === undefined) return { tried: ['no credentials in archweave.yaml'] };
  const name = /^env:(\w+)$/.exec(pointer)?.[1];
  if (name === undefined) return { tried: ['credentials in archweave.yaml are of a kind not known here'] };
  const value = env[name];
  if (!value) return { tried: [`env:${name} is not set`] };
  const colon = value.indexOf(':');
  if (colon < 1) return { tried: [`env:${name} is not of the form USER:PASSWORD`] };
  const login = { username: value.slice(0, colon), password: value.slice(colon + 1) };
  return { login, tried: [`credentials of env:${name}`] };
}
