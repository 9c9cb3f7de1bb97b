import type { LoginSource } from '../registry/oci/login.ts';

/** Where a pointer of archweave.yaml leads: to a secret of AWS, whose code is loaded when it is needed, or elsewhere. */
export function pointedLogin(pointer: string): string | LoginSource {
  if (!pointer.startsWith('secretsmanager:')) return pointer;
  return async (host, signal) => {
    const { secretLogin } = await import('../registry/secrets/secret-login.ts');
    return secretLogin(pointer)(host, signal);
  };
}
