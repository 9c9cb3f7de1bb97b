import { openEcrRegistry } from '../../lib/registry/ecr/open.ts';
import { startEcrFake } from '../support/ecr-fake.ts';
import { registryContract } from './registry-contract.ts';

const UNREFERRED = 'ECR hands out only layers that an image refers to';

registryContract(
  'ECR, over a fake of its API',
  async () => {
    const { endpoint, account, region, stop } = await startEcrFake({ createOnPush: true });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    return { registry: openEcrRegistry({ account, region, endpoint, credentials }), stop };
  },
  {
    'gives back a small blob, and says of others that they are absent': UNREFERRED,
    'reads no blob beyond the size that the caller allows': UNREFERRED,
    'takes a large blob in parts and gives it back whole, or from an offset on': UNREFERRED,
    'takes many blobs at once': UNREFERRED,
    'takes a blob without any bytes': 'an upload to ECR has to have a part',
    'takes a blob named by its sha512': 'ECR knows sha256 only',
    'takes a blob over from another of its repositories': 'its API has no mount',
  },
);
