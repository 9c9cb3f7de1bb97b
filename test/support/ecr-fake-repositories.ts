import { EcrFault, type EcrWorld, type FakeRepository, type Operation, pageOf } from './ecr-fake-world.ts';

const createRepository: Operation = (world, input) => {
  const { repositoryName: name = '' } = input;
  if (world.repositories.has(name)) {
    throw new EcrFault(
      'RepositoryAlreadyExistsException',
      `The repository with name '${name}' already exists in the registry with id '${world.account}'`,
    );
  }
  const repository = world.create(name);
  repository.mutability = input.imageTagMutability ?? 'MUTABLE';
  repository.exclusions = input.imageTagMutabilityExclusionFilters ?? [];
  return { repository: described(world, repository) };
};

const describeRepositories: Operation = (world, input) => {
  if (input.repositoryNames !== undefined)
    return { repositories: input.repositoryNames.map(name => described(world, world.repository(name))) };
  const all = [...world.repositories.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { page, next } = pageOf(all, input);
  return { repositories: page.map(repository => described(world, repository)), ...next };
};

function described({ account, region }: EcrWorld, repository: FakeRepository): object {
  const { name, createdAt, mutability, exclusions } = repository;
  return {
    registryId: account,
    repositoryName: name,
    repositoryArn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
    repositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
    createdAt: createdAt / 1000,
    imageTagMutability: mutability,
    ...(exclusions.length > 0 && { imageTagMutabilityExclusionFilters: exclusions }),
  };
}

const putImageTagMutability: Operation = (world, input) => {
  const { repositoryName = '', imageTagMutability = 'MUTABLE' } = input;
  const repository = world.repository(repositoryName);
  const filters = input.imageTagMutabilityExclusionFilters ?? [];
  if (imageTagMutability.endsWith('_WITH_EXCLUSION') !== filters.length > 0)
    throw new EcrFault('InvalidParameterException', 'Filters belong to a setting with exclusion');
  repository.mutability = imageTagMutability;
  repository.exclusions = filters;
  return { registryId: world.account, repositoryName, imageTagMutability };
};

const getAuthorizationToken: Operation = ({ account, region }) => ({
  authorizationData: [
    {
      authorizationToken: Buffer.from('AWS:a-password-of-the-fake').toString('base64'),
      expiresAt: Date.now() / 1000 + 12 * 3600,
      proxyEndpoint: `https://${account}.dkr.ecr.${region}.amazonaws.com`,
    },
  ],
});

const describeImageScanFindings: Operation = (world, { repositoryName: name = '', imageId = {} }) => {
  const image = world.find(world.repository(name), imageId);
  if (image === undefined)
    throw new EcrFault('ImageNotFoundException', `The image does not exist in '${name}'`);
  throw new EcrFault('ScanNotFoundException', `Image scan does not exist for the image ${image.digest}`);
};

export const REPOSITORY_OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateRepository: createRepository,
  DescribeRepositories: describeRepositories,
  PutImageTagMutability: putImageTagMutability,
  GetAuthorizationToken: getAuthorizationToken,
  DescribeImageScanFindings: describeImageScanFindings,
  PutReplicationConfiguration: (_, { replicationConfiguration = {} }) => ({ replicationConfiguration }),
  CreatePullThroughCacheRule: (world, { ecrRepositoryPrefix, upstreamRegistryUrl }) => ({
    ecrRepositoryPrefix,
    upstreamRegistryUrl,
    registryId: world.account,
  }),
};
