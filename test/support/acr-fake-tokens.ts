import { randomUUID, sign, X509Certificate } from 'node:crypto';

/** What an access token allows: `repository:app` to its actions. */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

interface Claims {
  readonly kind: 'entra' | 'refresh' | 'access' | 'upstream';
  readonly sub: string;
  readonly aud: string;
  readonly access?: readonly Access[];
  readonly [more: string]: unknown;
}

/** Makes and reads the tokens of the fake: of Entra, of ACR for refreshing, and of ACR for a scope. */
export class AcrFakeTokens {
  readonly #key: string;
  readonly #x5c: string;
  readonly #now: () => number;
  readonly #revoked = new Set<string>();
  readonly #made: { readonly kind: string; readonly jti: string }[] = [];

  constructor({ key, cert }: { readonly key: string; readonly cert: string }, now: () => number) {
    this.#key = key;
    this.#x5c = new X509Certificate(cert).raw.toString('base64');
    this.#now = now;
  }

  make(claims: Claims, seconds: number): string {
    const iat = Math.floor(this.#now() / 1000);
    const jti = randomUUID();
    this.#made.push({ kind: claims.kind, jti });
    const header = encoded({ typ: 'JWT', alg: 'ES256', x5c: [this.#x5c] });
    const payload = encoded({ iss: 'fake-acr', iat, nbf: iat - 5, exp: iat + seconds, jti, ...claims });
    const key = { key: this.#key, dsaEncoding: 'ieee-p1363' } as const;
    const signature = sign('sha256', Buffer.from(`${header}.${payload}`), key).toString('base64url');
    return `${header}.${payload}.${signature}`;
  }

  /** The claims of a token of this kind that has neither ended nor been revoked. */
  read(token: string | null, kind: Claims['kind']): Claims | undefined {
    try {
      const claims = JSON.parse(Buffer.from((token ?? '').split('.')[1]!, 'base64url').toString());
      const good = claims.kind === kind && claims.exp * 1000 > this.#now() && !this.#revoked.has(claims.jti);
      return good ? claims : undefined;
    } catch {
      return undefined;
    }
  }

  /** All tokens of a kind that were made so far are refused from now on, though they have not ended. */
  revoke(kind: Claims['kind']): void {
    for (const { kind: made, jti } of this.#made) if (made === kind) this.#revoked.add(jti);
  }
}

/** `repository:app:pull,push`, several parted by spaces. */
export function accessOf(scope: string): readonly Access[] {
  return scope.split(' ').flatMap(part => {
    const [, type, name, actions] = /^([a-z]+):(.*):([^:]*)$/.exec(part) ?? [];
    return type === undefined ? [] : [{ type, name: name!, actions: actions!.split(',') }];
  });
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
