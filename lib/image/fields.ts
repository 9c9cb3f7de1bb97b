import { ArchweaveError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';

/**
 * A JSON object that somebody else wrote, read field by field with the type checked. Every complaint is an
 * `ArchweaveError` with code `malformed` that names the path (`manifests[2].digest`) and never repeats the value,
 * which may be long or hostile. Go writes absent fields as null, so an optional field may be null.
 */
export class Fields {
  readonly attempt: string;
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;

  constructor(attempt: string, path: string, value: unknown) {
    this.attempt = attempt;
    this.path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw malformed(attempt, path === '' ? 'it is not a JSON object' : `${path} is not an object`);
    }
    this.values = value as Record<string, unknown>;
  }

  /** Parses the bytes, which have to be UTF-8 without a byte order mark. */
  static parse(bytes: Uint8Array, attempt: string): Fields {
    return new Fields(attempt, '', parseJson(bytes, attempt));
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#missing(name);
  }

  optionalString(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.complaint(name, 'is not a string');
  }

  digest(name: string): Digest {
    const value = this.string(name);
    if (isDigest(value)) return value;
    throw this.complaint(name, 'is not a sha256 or sha512 digest');
  }

  /** A number of bytes: whole, not negative and exact. */
  size(name: string): number {
    const value = this.#value(name) ?? this.#missing(name);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.complaint(name, 'is not a size in bytes');
  }

  object(name: string): Fields {
    return this.optionalObject(name) ?? this.#missing(name);
  }

  optionalObject(name: string): Fields | undefined {
    const value = this.#value(name);
    return value === undefined ? undefined : new Fields(this.attempt, this.#pathOf(name), value);
  }

  objects(name: string): readonly Fields[] {
    const path = this.#pathOf(name);
    return this.#list(name, this.#value(name) ?? this.#missing(name)).map(
      (value, index) => new Fields(this.attempt, `${path}[${index}]`, value),
    );
  }

  optionalStrings(name: string): readonly string[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const list = this.#list(name, value);
    if (list.every(item => typeof item === 'string')) return list;
    throw this.complaint(name, 'is not a list of strings');
  }

  /** A map of strings such as annotations. */
  optionalStringMap(name: string): Readonly<Record<string, string>> | undefined {
    const map = this.optionalObject(name)?.values;
    if (map === undefined || Object.values(map).every(value => typeof value === 'string')) {
      return map as Record<string, string> | undefined;
    }
    throw this.complaint(name, 'has a value that is not a string');
  }

  complaint(name: string, what: string): ArchweaveError {
    return malformed(this.attempt, `${this.#pathOf(name)} ${what}`);
  }

  #value(name: string): unknown {
    return this.values[name] ?? undefined;
  }

  #list(name: string, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.complaint(name, 'is not a list');
  }

  #missing(name: string): never {
    throw this.complaint(name, 'is missing');
  }

  #pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

/** The same for JSON that need not be an object. */
export function parseJson(bytes: Uint8Array, attempt: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw malformed(attempt, 'it is not JSON', cause);
  }
}

function malformed(attempt: string, reason: string, cause?: unknown): ArchweaveError {
  return new ArchweaveError({ code: 'malformed', attempt, reason, cause });
}
