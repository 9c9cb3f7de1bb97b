import type { Push } from '../../../lib/events/push.ts';
import type { AssemblyRegistry } from '../../../lib/registry/interfaces.ts';
import type { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { aDeployment } from '../../support/a-deployment.ts';
import { aRule, HOST, type ImageFacts, REPOSITORY, START, storeImage } from '../assembly/a-world.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const TARGET = { registry: HOST, repository: REPOSITORY, tag: '1.0' };

export function setUp(
  options: {
    readonly rules?: readonly ReturnType<typeof aRule>[];
    readonly breaking?: (registry: MemoryRegistry) => Partial<AssemblyRegistry>;
    readonly hears?: (push: Push) => boolean;
  } = {},
) {
  const deployment = aDeployment({ host: HOST, rules: [aRule()], start: START, ...options });
  const { registry } = deployment;
  const push = async (tag: string, facts: ImageFacts = {}) => {
    const manifest = await storeImage(registry, facts);
    await registry.writeManifest(REPOSITORY, tag, manifest);
    return manifest;
  };
  const both = async (version: string) => {
    const amd = await push(`${version}-amd64`);
    const arm = await push(`${version}-arm64`, { arch: 'arm64' });
    return { amd, arm };
  };
  const digest = async (tag: string) => (await registry.resolveReferences(REPOSITORY, [tag])).get(tag);
  return { ...deployment, push, both, digest };
}
