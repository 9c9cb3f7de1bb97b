/**
 * What a JSON Web Token says of itself, its signature unchecked: good for knowing when it ends and whom it is for,
 * never for believing it. Nothing where it is no JWT.
 */
export function jwtClaims(token: string): Readonly<Record<string, unknown>> {
  const [, payload = '', signature] = token.split('.');
  if (signature === undefined) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
