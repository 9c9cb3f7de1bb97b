import { awsCaller } from '../../deployment/aws/caller.ts';
import { ecrHost } from '../../registry/ecr/ecr-host.ts';
import { events } from './events.ts';
import type { OnlineKind, OnlineSubject } from './online-check.ts';
import { putQuota } from './put-quota.ts';
import { tags } from './tags.ts';
import { write } from './write.ts';

/** ECR, by its own API. */
export const ecr: OnlineKind = {
  async credentials({ host, invocation }) {
    const { source, arn } = await awsCaller(accessOf({ host, invocation }), invocation.env);
    return arn === undefined ? source : `${source}, ${arn}`;
  },
  checks: [write, tags, events, putQuota],
};

export function accessOf({ host, invocation: { common } }: Pick<OnlineSubject, 'host' | 'invocation'>) {
  const region = ecrHost(host)?.region;
  return { timeout: common.timeout, ...(region !== undefined && { region }) };
}
