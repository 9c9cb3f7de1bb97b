import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { ArchweaveError } from '../../errors.ts';
import { awsError } from './aws-error.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';

export interface PutImageQuota {
  readonly perSecond: number;
  /** By which an increase is asked for. */
  readonly code: string;
}

/** The quota that is in force for the caller's account in the Region. Found by its name: codes are not documented. */
export async function putImageQuota(access: AwsAccess): Promise<PutImageQuota> {
  const client = new ServiceQuotasClient(clientSettings(access));
  const asked = { attempt: 'read the quotas of ECR', action: 'servicequotas:ListServiceQuotas' };
  try {
    for await (const { Quotas = [] } of paginateListServiceQuotas({ client }, { ServiceCode: 'ecr' })) {
      const quota = Quotas.find(({ QuotaName = '' }) => /\bPutImage\b/.test(QuotaName));
      if (quota?.Value !== undefined) return { perSecond: quota.Value, code: quota.QuotaCode ?? '' };
    }
    throw new ArchweaveError({
      code: 'not-found',
      attempt: asked.attempt,
      reason: 'AWS tells no such quota',
    });
  } catch (error) {
    throw awsError(error, asked);
  } finally {
    client.destroy();
  }
}
