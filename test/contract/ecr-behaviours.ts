import {
  CreatePullThroughCacheRuleCommand,
  CreateRepositoryCommand,
  DescribeImageScanFindingsCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  PutImageTagMutabilityCommand,
  PutReplicationConfigurationCommand,
} from '@aws-sdk/client-ecr';
import { ecrStage } from '../support/ecr-fake-stage.ts';
import { IMAGE_BEHAVIOURS } from './ecr-image-behaviours.ts';
import { LAYER_BEHAVIOURS } from './ecr-layer-behaviours.ts';

/** One thing that AWS documents of ECR: `run` comes to `expected`, or fails with an error of that name. */
export interface EcrBehaviour {
  readonly title: string;
  readonly expected: unknown;
  run(ecr: ECRClient): Promise<unknown>;
}

/** What a behaviour came to. */
export async function outcomeOf({ run }: EcrBehaviour, ecr: ECRClient): Promise<unknown> {
  try {
    return await run(ecr);
  } catch (error) {
    return (error as Error).name;
  }
}

const REPOSITORY_BEHAVIOURS: readonly EcrBehaviour[] = [
  {
    title: 'makes a repository',
    expected: true,
    async run(ecr) {
      const repositoryName = `made/${Date.now()}`;
      const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
      return repository?.repositoryName === repositoryName;
    },
  },
  {
    title: 'makes no repository twice',
    expected: 'RepositoryAlreadyExistsException',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr, { blobs: false });
      return ecr.send(new CreateRepositoryCommand({ repositoryName }));
    },
  },
  {
    title: 'moves no immutable tag',
    expected: 'ImageTagAlreadyExistsException',
    async run(ecr) {
      const stage = await ecrStage(ecr);
      const { repositoryName } = stage;
      await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
      return stage.put('v1', stage.manifest({ annotations: { v: '2' } }));
    },
  },
  {
    title: 'lets some tags be moved and others not',
    expected: 'IMMUTABLE_WITH_EXCLUSION',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr, { blobs: false });
      const setting = { imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' as const };
      const filters = [{ filterType: 'WILDCARD' as const, filter: 'latest*' }];
      const input = { repositoryName, ...setting, imageTagMutabilityExclusionFilters: filters };
      return (await ecr.send(new PutImageTagMutabilityCommand(input))).imageTagMutability;
    },
  },
  {
    title: 'gives a token for the docker protocol',
    expected: 'AWS',
    async run(ecr) {
      const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
      return Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64')
        .toString()
        .split(':')[0];
    },
  },
  {
    title: 'takes a setting of replication',
    expected: { rules: [] },
    async run(ecr) {
      const input = { replicationConfiguration: { rules: [] } };
      return (await ecr.send(new PutReplicationConfigurationCommand(input))).replicationConfiguration;
    },
  },
  {
    title: 'has no findings of an image that was not scanned',
    expected: 'ScanNotFoundException',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr);
      return ecr.send(new DescribeImageScanFindingsCommand({ repositoryName, imageId: { imageTag: 'v1' } }));
    },
  },
  {
    title: 'takes a rule for a pull-through cache',
    expected: 'public.ecr.aws',
    async run(ecr) {
      const input = {
        ecrRepositoryPrefix: `cache${Date.now() % 1000}`,
        upstreamRegistryUrl: 'public.ecr.aws',
      };
      return (await ecr.send(new CreatePullThroughCacheRuleCommand(input))).upstreamRegistryUrl;
    },
  },
];

export const ECR_BEHAVIOURS: readonly EcrBehaviour[] = [
  ...REPOSITORY_BEHAVIOURS,
  ...LAYER_BEHAVIOURS,
  ...IMAGE_BEHAVIOURS,
];
