import { ecrRegistry } from '../../events/ecr-registry.ts';
import { isLoopback } from '../../image/reference.ts';
import type { AcrSettings } from '../acr-settings.ts';
import { parseDuration } from '../duration.ts';
import { readAcrKeys } from './acr-keys.ts';
import { quoted, type Refusal } from './finding.ts';
import { holdsSecret } from './mark-secrets.ts';
import { readObject } from './read-object.ts';
import type { Report } from './report.ts';
import { type RegistryInput, registrySchema } from './schema.ts';
import { isPointer, isSecretKey, type Secrets } from './secrets.ts';
import { beginning, type Entry, isEmpty, type Mapping } from './yaml-tree.ts';

export interface RegistryConfig extends AcrSettings {
  /** As the file calls it; its host where a rule names the host itself. */
  readonly name: string;
  /** Lower case, with the port where there is one; `ecr` is the account and Region of whoever asks. */
  readonly host: string;
  readonly plainHttp?: boolean;
  /** `env:NAME` or `secretsmanager:ARN`. */
  readonly credentials?: string;
  /** Milliseconds. */
  readonly reconcile?: number;
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/;

/** The registries that have a host, and the names of all that the file has, so that one mistake makes no second. */
export function readRegistries(
  entry: Entry | undefined,
  context: { readonly report: Report; readonly secrets: Secrets },
): { readonly registries: readonly RegistryConfig[]; readonly names: ReadonlySet<string> } {
  const names = new Set<string>();
  const registries: RegistryConfig[] = [];
  if (!entry || isEmpty(entry.value)) return { registries, names };
  if (entry.value.kind !== 'map') {
    context.report.add(entry.value.range, {
      code: 'wrong-type',
      message: '"registries" is a mapping of names to hosts',
    });
    return { registries, names };
  }
  for (const one of entry.value.entries.values()) {
    names.add(one.key);
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(one.key) || one.key === 'localhost') {
      context.report.add(one.keyRange, {
        code: 'bad-name',
        message: `${quoted(one.key)} is no name for a registry; it has letters, digits, - and _`,
      });
    }
    const registry = readRegistry(one, context);
    const twin = registry && registries.find(other => other.host === registry.host);
    if (twin) {
      context.report.add(one.keyRange, {
        code: 'registry-twice',
        message: `${twin.name} and ${one.key} are both ${registry.host}`,
      });
    } else if (registry) registries.push(registry);
  }
  return { registries, names };
}

function readRegistry(
  entry: Entry,
  context: { readonly report: Report; readonly secrets: Secrets },
): RegistryConfig | undefined {
  const { key: name, value } = entry;
  const { report } = context;
  if (value.kind === 'scalar') {
    const host = typeof value.value === 'string' ? value.value : '';
    const refusal = refuseHost(name, host);
    if (refusal) report.add(refusal.code === 'secret' ? entry.keyRange : value.range, refusal);
    return refusal ? undefined : { name, host: host.toLowerCase() };
  }
  if (value.kind !== 'map') {
    report.add(value.range, {
      code: 'wrong-type',
      message: `registry ${quoted(name)} is a host or a mapping`,
    });
    return undefined;
  }
  for (const inner of value.entries.values()) {
    if ((inner.key === 'credentials' || inner.key === 'hook') && holdsSecret(inner.key, inner.value))
      report.add(inner.keyRange, secret(name, inner.key));
  }
  const onUnknown = ({ key }: Entry): Refusal | undefined => (isSecretKey(key) ? secret(name) : undefined);
  refuseAccount(value, report);
  const input = readObject(registrySchema, value, { noun: 'a registry', ...context, onUnknown });
  return input && configured(name, input, value, report);
}

function secret(name: string, key: 'credentials' | 'hook' = 'credentials'): Refusal {
  const kind = key === 'hook' ? 'HOOK' : 'LOGIN';
  const variable = `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_${kind}`;
  return {
    code: 'secret',
    message: 'a password does not belong into this file',
    next: `${key}: env:${variable}   (the value is not shown, and should be changed if it was committed)`,
  };
}

function configured(
  name: string,
  input: Partial<RegistryInput>,
  value: Mapping,
  report: Report,
): RegistryConfig | undefined {
  const host = hostOf(name, input, value, report);
  if (host === undefined) return undefined;
  const { plainHttp, credentials, reconcile } = input;
  return {
    name,
    host,
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(credentials !== undefined && isPointer(credentials) ? { credentials } : {}),
    ...(reconcile === undefined ? {} : { reconcile: parseDuration(reconcile)! }),
    ...readAcrKeys(host, input, value, report),
  };
}

function hostOf(
  name: string,
  input: Partial<RegistryInput>,
  value: Mapping,
  report: Report,
): string | undefined {
  const entry = value.entries.get('host');
  if (input.host !== undefined && entry) {
    const refusal = refuseHost(name, input.host);
    if (refusal) report.add(refusal.code === 'secret' ? entry.keyRange : entry.value.range, refusal);
    return refusal ? undefined : input.host.toLowerCase();
  }
  if (input.kind === 'ecr' && input.account && input.region) {
    return ecrRegistry(input.account, input.region);
  }
  if (!entry && !(value.entries.has('account') && value.entries.has('region'))) {
    report.add(beginning(value), {
      code: 'missing-key',
      message: `registry ${quoted(name)} has no host`,
      next: `host: ${name}.example.com`,
    });
  }
  return undefined;
}

function refuseAccount(value: Mapping, report: Report): void {
  const account = value.entries.get('account')?.value;
  if (account?.kind !== 'scalar' || account.value === null) return;
  const digits = String(account.value);
  if (typeof account.value === 'number') {
    report.add(account.range, {
      code: 'account',
      message: `account is the number ${digits}; an account has 12 digits, and YAML drops leading zeros`,
      next: `put it in quotes: "${digits.padStart(12, '0')}"`,
    });
  } else if (!/^[0-9]{12}$/.test(digits)) {
    report.add(account.range, {
      code: 'account',
      message: `${quoted(digits)} is no account; an account has 12 digits`,
    });
  }
}

function refuseHost(name: string, written: string): Refusal | undefined {
  const host = written.toLowerCase();
  if (/:[^/@]*@/.test(host)) return secret(name);
  if (host === 'ecr') return undefined;
  const bare = host.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  const looksLikeOne = /[.:]/.test(bare) || isLoopback(bare);
  if (bare === host && HOST.test(host) && looksLikeOne) return undefined;
  const next =
    !HOST.test(bare) || !looksLikeOne
      ? `${name}.example.com`
      : host.startsWith('http:') && !isLoopback(bare)
        ? `{ host: ${bare}, plainHttp: true }`
        : bare;
  return { code: 'bad-host', message: `${quoted(written)} is no host`, next };
}
