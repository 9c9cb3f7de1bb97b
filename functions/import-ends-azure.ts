import { isAcrHost } from '../lib/rules/acr-host.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { openAcr } from './open-acr.ts';

/** A registry in Azure; undefined for one that is elsewhere. */
export const openAcrEnd = (registry: BundledRegistry, patience: Parameters<typeof openAcr>[1]) =>
  isAcrHost(registry.host) ? openAcr(registry, patience) : undefined;
