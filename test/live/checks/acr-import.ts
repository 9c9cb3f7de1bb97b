import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { DefaultAzureCredential } from '@azure/identity';
import { sampleImage } from '../../support/e2e-images.ts';
import { pushToEcr } from '../../support/ecr-fake-push.ts';
import { type LiveCheck, outcomeOf } from '../live-check.ts';

/** `/subscriptions/ID/resourceGroups/NAME/providers/Microsoft.ContainerRegistry/registries/NAME`. */
const RESOURCE = 'ARCHWEAVE_LIVE_ACR_RESOURCE';
const DEADLINE = 10 * 60_000;

export const acrImport: LiveCheck = {
  name: 'acr-import',
  asks: "Does ACR's import take an image of ECR with a token of that length, and how long does it need?",
  needs: [RESOURCE],
  async run(world) {
    const [, , subscription = '', , group = '', , , , registry = ''] = world.env[RESOURCE]!.split('/');
    const repository = await world.repository('import');
    await pushToEcr(world.ecr, repository, '1.0', sampleImage({ os: 'linux', architecture: 'amd64' }));
    const { authorizationData } = await world.ecr.send(new GetAuthorizationTokenCommand({}));
    const { authorizationToken = '', proxyEndpoint = '' } = authorizationData?.[0] ?? {};
    const password = Buffer.from(authorizationToken, 'base64').toString().replace(/^AWS:/, '');
    const azure = new ContainerRegistryManagementClient(new DefaultAzureCredential(), subscription);
    const began = Date.now();
    const target = `${world.prefix}/imported:1.0`;
    const outcome = await outcomeOf(() =>
      azure.registries.beginImportImageAndWait(
        group,
        registry,
        {
          source: {
            ...{ registryUri: new URL(proxyEndpoint).host, sourceImage: `${repository}:1.0` },
            credentials: { username: 'AWS', password },
          },
          ...{ targetTags: [target], mode: 'Force' },
        },
        { abortSignal: AbortSignal.timeout(DEADLINE) },
      ),
    );
    return [
      `a password of ${password.length} characters: ${outcome} after ${Math.round((Date.now() - began) / 1_000)} s`,
      `to remove: az acr repository delete --name ${registry} --repository ${world.prefix}/imported`,
    ];
  },
};
