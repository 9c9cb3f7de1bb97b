import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isLoopback } from '../image/reference.ts';
import type { Ledger } from '../ledger/interface.ts';
import { ecrHost } from '../registry/ecr/ecr-host.ts';
import type { Invocation } from './command.ts';
import { CALLERS_OWN } from './open-registry.ts';
import { locateConfig } from './read-config.ts';
import { STORAGE } from './served-here.ts';

const LEDGER = 'ledger.sqlite';

export type FoundLedger = Ledger & { close(): void };

export interface LedgerSearch {
  /** Undefined where there is none; then nobody knows what was published before. */
  readonly ledger?: FoundLedger;
  /** Where there is none: why, as it follows "history". */
  readonly missing?: string;
  /** Of a deployment on AWS: the registry of its account and Region, which archweave.yaml calls `ecr`. */
  readonly own?: string;
}

/**
 * The ledger of whoever looks after a registry: for ECR that of the deployment which `--stack` names, else that of
 * `serve`.
 */
export async function findLedger(invocation: Invocation, host: string): Promise<LedgerSearch> {
  const ofServe = await serveLedger(invocation, host);
  if (ofServe !== undefined) return { ledger: ofServe };
  if (host !== CALLERS_OWN && ecrHost(host) === undefined)
    return { missing: 'not kept here (the ledger is with serve or on AWS)' };
  const { deploymentLedger } = await import('./aws/deployment-ledger.ts');
  return deploymentLedger(invocation, host);
}

/**
 * Of the process that listens at that host, where that is on this machine and the system tells (/proc does), else the
 * one kept here or beside archweave.yaml.
 */
async function serveLedger(invocation: Invocation, host: string): Promise<FoundLedger | undefined> {
  const config = locateConfig(invocation);
  const folders = [invocation.cwd, ...(config === undefined ? [] : [dirname(config.path)])];
  const kept = folders.map(folder => join(folder, STORAGE, LEDGER)).find(path => existsSync(path));
  const path = (await ledgerInUseAt(host)) ?? kept;
  if (path === undefined) return undefined;
  const { openSqliteLedger } = await import('../ledger/sqlite.ts');
  return openSqliteLedger(path);
}

/** The ledger that the process listening at a loopback address has open. */
async function ledgerInUseAt(host: string): Promise<string | undefined> {
  const port = Number(/:(\d+)$/.exec(host)?.[1]);
  if (!isLoopback(host) || Number.isNaN(port)) return undefined;
  const { portHolder } = await import('../server/port-holder.ts');
  const holder = await portHolder(port);
  if (holder === undefined) return undefined;
  const folder = `/proc/${holder.pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const files = await Promise.all(descriptors.map(name => readlink(join(folder, name)).catch(() => '')));
  return files.find(file => file.endsWith(`/${LEDGER}`) && existsSync(file));
}
