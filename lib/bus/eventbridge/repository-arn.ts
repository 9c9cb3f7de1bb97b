import { ecrHost } from '../../registry/ecr/ecr-host.ts';

/** Region prefixes of the partitions of AWS other than `aws`. */
const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
];

/** The ARN of a repository of ECR; undefined for one of another registry. */
export function repositoryArn(host: string, repository: string): string | undefined {
  const ecr = ecrHost(host);
  if (ecr === undefined) return undefined;
  const [, partition = 'aws'] = PARTITIONS.find(([prefix]) => ecr.region.startsWith(prefix)) ?? [];
  return `arn:${partition}:ecr:${ecr.region}:${ecr.account}:repository/${repository}`;
}
