import { type EcrOptions, openEcrRegistry } from '../../../../lib/registry/ecr/open.ts';
import type { BlobUploader, MutabilityReader, Registry } from '../../../../lib/registry/interfaces.ts';
import { type EcrFake, type EcrFakeOptions, startEcrFake } from '../../../support/ecr-fake.ts';

export interface AnEcr {
  readonly fake: EcrFake;
  readonly registry: Registry & BlobUploader & MutabilityReader;
  /** The operations asked for since the last look. */
  asked(): readonly string[];
  open(options?: Partial<EcrOptions>): Registry & BlobUploader & MutabilityReader;
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The adapter over a fake of its own, which ends with the test. Reads are tried twice. */
export async function anEcr(
  after: (stop: () => Promise<void>) => void,
  options: EcrFakeOptions = { createOnPush: true },
): Promise<AnEcr> {
  const fake = await startEcrFake(options);
  after(fake.stop);
  const { account, region, endpoint } = fake;
  const open = (more: Partial<EcrOptions> = {}) =>
    openEcrRegistry({ account, region, endpoint, credentials, attempts: 2, ...more });
  return {
    fake,
    registry: open(),
    open,
    asked: () => fake.calls.splice(0).map(({ operation }) => operation),
  };
}
