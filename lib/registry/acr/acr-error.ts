import type { ArchweaveError, ErrorFacts } from '../../errors.ts';

/** What a caller has to be allowed. */
export type Right = 'read' | 'write' | 'delete' | 'list';

/** Roles of Azure that give it: those of a registry, and those that count where it has attributes in its roles. */
const ROLES: Readonly<Record<Right, { readonly plain: string; readonly abac: string }>> = {
  read: { plain: 'AcrPull', abac: 'Container Registry Repository Reader' },
  write: { plain: 'AcrPush', abac: 'Container Registry Repository Writer' },
  delete: { plain: 'AcrDelete', abac: 'Container Registry Repository Contributor' },
  list: { plain: 'AcrPull', abac: 'Container Registry Repository Catalog Lister' },
};

/**
 * An error of the distribution API as ACR means it: what is locked, soft-deleted or in quarantine by its own code, and
 * the role that is missing by its name. ACR answers "disallowed" for locks as for quarantine: which of them it is
 * follows from what was asked for, and a write looks (lock.ts). `login` is the command for whoever is not logged in.
 */
export function acrError(
  error: ArchweaveError,
  { host, login }: { readonly host: string; readonly login: () => string },
  right: Right,
): ArchweaveError {
  const { code, status, where = '', reason } = error;
  if (!where.includes(`https://${host}/`) || status === undefined) return error;
  // Who has not come in yet is not known to lack anything (acr-login.ts says what it is then).
  if (where.includes(`https://${host}/oauth2/exchange`)) return error;
  if (/soft[- ]?delet/i.test(reason) && status < 500)
    return error.with({ ...SOFT_DELETED, retryable: false });
  if (/disallowed/i.test(reason) && status < 500) return error.with(right === 'read' ? QUARANTINED : LOCKED);
  // Another replica may have it: the registry's own look decides.
  if (code === 'child-gone') return error.with({ retryable: true });
  if (code === 'forbidden') return error.with(missingRole(right));
  if (code === 'unauthorized' && !isNobody(error)) return error.with(missingRole(right));
  if (code === 'unauthorized') return error.with({ next: login() });
  return error;
}

const LOCKED: Partial<ErrorFacts> = {
  code: 'locked',
  reason: 'it is locked against changes',
  next: 'az acr repository show, and update --write-enabled true where it may change again',
};

const QUARANTINED: Partial<ErrorFacts> = {
  code: 'quarantined',
  reason: 'it is in quarantine',
  next: 'whoever scans it lets it out',
};

const SOFT_DELETED: Partial<ErrorFacts> = {
  code: 'soft-deleted',
  reason: 'the same content was deleted, and is kept by soft delete',
  next: 'az acr manifest restore, or wait until it is gone for good',
};

function missingRole(right: Right): Partial<ErrorFacts> {
  const { plain, abac } = ROLES[right];
  return {
    code: 'forbidden',
    reason: `the identity may not ${right === 'list' ? 'list repositories' : right} here`,
    next: `give it ${plain}; a registry with ABAC ignores that and wants "${abac}"`,
  };
}

/** Nobody was found to log in as, so that no role is missing, but a login. */
function isNobody({ tried = 'anonymous' }: ArchweaveError): boolean {
  return tried.includes('anonymous');
}
