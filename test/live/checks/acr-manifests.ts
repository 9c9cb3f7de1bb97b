import { digestOf } from '../../../lib/image/digest.ts';
import { openAcrRegistry } from '../../../lib/registry/acr/open.ts';
import { openIdentity } from '../../../lib/registry/acr/open-identity.ts';
import { describeContent, sampleImage, sampleIndex } from '../../support/e2e-images.ts';
import { type LiveCheck, outcomeOf } from '../live-check.ts';

const HOST = 'ARCHWEAVE_LIVE_ACR';

export const acrManifests: LiveCheck = {
  name: 'acr-manifests',
  asks: 'Does ACR take an index whose children are not there? And what becomes of untagged children?',
  needs: [HOST],
  async run(world) {
    const host = world.env[HOST]!;
    const registry = openAcrRegistry({ host, identity: () => openIdentity({ host }, world.env) });
    const repository = `${world.prefix}/index`;
    const platform = { os: 'linux', architecture: 'amd64' } as const;
    const absent = sampleImage(platform, { text: world.prefix });
    const { bytes, mediaType } = sampleIndex([{ ...describeContent(absent), platform }], []);
    const manifest = { bytes: new Uint8Array(bytes), mediaType, digest: digestOf(bytes) };
    world.later(() => registry.deleteManifest(repository, manifest.digest).catch(() => {}));
    const written = await outcomeOf(() => registry.writeManifest(repository, 'index', manifest));
    return [
      `an index of an image that is not there: ${written}`,
      'untagged children under a retention policy take days: look at them by hand after the policy has run',
    ];
  },
};
