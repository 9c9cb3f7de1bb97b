import type { AcrFakeTokens } from './acr-fake-tokens.ts';

/** An answer that a request is given instead of its own. `hang` is never answered, `drop` breaks the connection. */
export type AcrFault =
  | 'hang'
  | 'drop'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: object | string;
    };

export interface AcrCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** A push that was taken, as a webhook tells it. */
export interface AcrPush {
  readonly repository: string;
  /** None where it was pushed by its digest. */
  readonly tag?: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
}

/** An import as Azure Resource Manager was asked for it. */
export interface ArmJob {
  /** The registry that it was asked of, as the path names it. */
  readonly registry: string;
  readonly body: {
    readonly source?: { readonly resourceId?: string; readonly sourceImage?: string };
    readonly targetTags?: readonly string[];
    readonly untaggedTargetRepositories?: readonly string[];
    readonly mode?: string;
  };
  /** What its next look is answered; `running` for as long as nothing else is said. */
  state: 'running' | 'done' | 'failed';
}

/** What the registry and its tenant are like, for tests to change while it runs. */
export class AcrWorld {
  readonly tokens: AcrFakeTokens;
  readonly tenant = '11111111-1111-4111-8111-111111111111';
  readonly clientId = '22222222-2222-4222-8222-222222222222';
  /** Of the application above; anything else is refused as Entra does. */
  readonly secret = 's3cret';
  /** `USER:PASSWORD` of the admin user or of a token of a repository, which have nothing to do with Entra. */
  readonly logins = new Set<string>(['ci:token-of-a-repository']);
  /** What AWS must say for the identity above; none is asked for as long as this is empty. */
  readonly federated: { readonly issuer: string; readonly subject: string }[] = [];
  /** Seconds that an access token lasts; ACR's last 75 minutes, its refresh tokens three hours. */
  accessLasts = 75 * 60;
  refreshLasts = 3 * 3600;
  /** Seconds that Entra's last, as a managed identity's do. */
  entraLasts = 24 * 3600;
  /** `app` or `app:1.0`: their attributes say that they may not be written. */
  readonly locked = new Set<string>();
  /** Digests that are in quarantine: not found by tag, disallowed by digest. */
  readonly quarantined = new Set<string>();
  /** Digests that soft delete keeps: they cannot be pushed. */
  readonly softDeleted = new Set<string>();
  /** Actions that the identity lacks (`push`), and how ACR says so. */
  readonly denied = new Map<string, 401 | 403>();
  /** Whether moving a tag renews its time. The real service is not known to do either. */
  renewsTime = true;
  /** The largest page of a list. */
  pageSize = 100;
  /** May change the Docker-Content-Digest of answers to manifests, or take it out. */
  digestHeader: (digest: string) => string | undefined = digest => digest;
  /** May change the body of manifests on their way out. */
  manifestBody: (body: Buffer) => Buffer = body => body;
  /** How imports go: done at once, after one more look, never by themselves, not whole, or badly. */
  importing: 'at once' | 'after a look' | 'hang' | 'nothing comes' | 'fail' = 'at once';
  /** Every import that Azure Resource Manager took on. */
  readonly jobs: ArmJob[] = [];
  /** Every request so far, in order; those to Entra begin with its tenant. */
  readonly calls: AcrCall[] = [];
  /** Every push that was taken so far, in order. */
  readonly pushes: AcrPush[] = [];
  /** Hosts that were asked for through the proxy and are not Azure's. */
  readonly strangers: string[] = [];
  readonly #faults: { readonly of: RegExp; readonly how: AcrFault; left: number }[] = [];
  /** When tags were made and moved: `app:1.0` to milliseconds since 1970. */
  readonly times = new Map<string, { readonly made: number; readonly changed: number }>();

  constructor(tokens: AcrFakeTokens) {
    this.tokens = tokens;
  }

  /** The next requests whose `METHOD PATH` fits are answered so. */
  failNext(of: RegExp, how: AcrFault, times = 1): void {
    this.#faults.push({ of, how, left: times });
  }

  /** What was to fail and did not is not going to. */
  forgetFaults(): void {
    this.#faults.length = 0;
  }

  /** Entra refuses the next logins with this code. */
  refuseAtEntra(code: number, words: string, times = 1): void {
    const description = `AADSTS${code}: ${words} Trace ID: 0 Correlation ID: 0 Timestamp: 2026-01-01 00:00:00Z`;
    const body = { error: 'invalid_request', error_description: description, error_codes: [code] };
    this.failNext(/^POST \/[^/]+\/oauth2\/v2\.0\/token/, { status: 400, body }, times);
  }

  faultOf({ method, path }: AcrCall): AcrFault | undefined {
    const fault = this.#faults.find(({ of, left }) => left > 0 && of.test(`${method} ${path}`));
    if (fault !== undefined) fault.left -= 1;
    return fault?.how;
  }

  /** Says that a tag was written just now. */
  touch(name: string, now: number): void {
    const before = this.times.get(name);
    const changed = before === undefined || this.renewsTime ? now : before.changed;
    this.times.set(name, { made: before?.made ?? now, changed });
  }
}

/** The distribution API's way to say no. */
export function refusal(status: number, code: string, message: string, detail?: unknown): AcrFault {
  return { status, body: { errors: [{ code, message, ...(detail !== undefined && { detail }) }] } };
}
