const POINTER = 'secretsmanager:';
const ARN = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^\s*?]+$/;

/** The ARN that a pointer of archweave.yaml names; undefined where it names none. */
export function secretArn(pointer: string | undefined): string | undefined {
  const arn = pointer?.startsWith(POINTER) ? pointer.slice(POINTER.length) : '';
  return ARN.test(arn) ? arn : undefined;
}

/**
 * As policies name a secret. Secrets Manager adds a hyphen and six characters to a name; who leaves them out means the
 * same secret, and a name may end in such six of its own (`contoso-secret`).
 */
export function namesInPolicy(arn: string): readonly string[] {
  return /-[A-Za-z0-9]{6}$/.test(arn) ? [arn, `${arn}-??????`] : [`${arn}-??????`];
}
