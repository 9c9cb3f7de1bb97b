import { type ArchweaveError, isArchweaveError } from '../../errors.ts';

/** The error codes of the distribution specification, and Docker's UNKNOWN for what is the registry's own fault. */
export type RefusalCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED'
  | 'UNKNOWN';

export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 416 | 500 | 507;

interface RefusalFacts {
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is no. Handlers throw it, and one place (routes.ts) writes it down. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: RefusalStatus;
  readonly code: RefusalCode;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: RefusalStatus, code: RefusalCode, message: string, facts: RefusalFacts = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = facts.detail;
    this.headers = facts.headers ?? {};
  }
}

/** What a client is told about an error from below. What is nobody's business (paths, SQL) is left out. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!isArchweaveError(error)) return new Refusal(500, 'UNKNOWN', 'the registry failed');
  const shape = SHAPES[error.code];
  if (shape === undefined) return new Refusal(500, 'UNKNOWN', 'the registry failed');
  const [status, code] = shape;
  return new Refusal(status, code, error.reason, detailOf(error));
}

const SHAPES: { readonly [code in ArchweaveError['code']]?: readonly [RefusalStatus, RefusalCode] } = {
  'too-large': [413, 'SIZE_INVALID'],
  unsupported: [415, 'UNSUPPORTED'],
  'digest-mismatch': [400, 'DIGEST_INVALID'],
  malformed: [400, 'MANIFEST_INVALID'],
  'child-gone': [400, 'MANIFEST_BLOB_UNKNOWN'],
  'bad-argument': [400, 'BLOB_UPLOAD_INVALID'],
  'disk-full': [507, 'UNKNOWN'],
};

function detailOf({ reference }: ArchweaveError): RefusalFacts {
  return reference === undefined ? {} : { detail: { digest: reference } };
}
