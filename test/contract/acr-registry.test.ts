import { openFakeAcr } from '../support/acr-fake-client.ts';
import { describeWith } from '../support/tools.ts';
import { registryContract } from './registry-contract.ts';

registryContract('ACR, over a fake of it in front of the embedded registry', () => openFakeAcr('embedded'));

const KEEPS_NO_LIST = 'docker-registry keeps no list of referrers, which ACR does';

describeWith(['docker-registry'], 'ACR in front of a registry that nobody here wrote', () => {
  registryContract(
    'ACR, over a fake of it in front of docker-registry',
    () => openFakeAcr('docker-registry'),
    {
      'takes a tag away and leaves the manifest and its other tags':
        'docker-registry 2 deletes by digest only, where ACR takes tags away',
      'lists what refers to a manifest, by type too': KEEPS_NO_LIST,
      'takes a manifest whose subject is not there yet': KEEPS_NO_LIST,
    },
  );
});
