import { describe, expect, it } from '@jest/globals';
import { ecrRegion, maybeSameRegistry, registryKind } from '../../../lib/rules/registry-identity.ts';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

describe('whose registry a host is', () => {
  it.each([
    [ECR, 'ecr'],
    ['ecr', 'ecr'],
    ['123456789012.dkr-ecr.eu-west-1.on.aws', 'ecr'],
    ['contoso.azurecr.io', 'acr'],
    ['contoso.azurecr.cn', 'acr'],
    ['docker.io', 'docker-hub'],
    ['127.0.0.1:5000', 'this-machine'],
    ['public.ecr.aws', 'other'],
    ['registry.lan:5000', 'other'],
    [`proxy.${ECR}`, 'other'],
    [`0${ECR}`, 'other'],
    ['contoso.azurecr.io.example', 'other'],
    ['registry-1.docker.io', 'docker-hub'],
    ['mydocker.io', 'other'],
    ['docker.io.example', 'other'],
  ] as const)('%s is %s', (host, kind) => {
    expect(registryKind(host)).toBe(kind);
  });

  it('says the Region of ECR where the host does', () => {
    expect(ecrRegion(ECR)).toBe('eu-west-1');
    expect(ecrRegion('ecr')).toBeUndefined();
  });

  it.each([
    [ECR, ECR, true],
    [ECR, '123456789012.dkr-ecr.eu-west-1.on.aws', true],
    [ECR, '123456789012.dkr.ecr.us-east-1.amazonaws.com', false],
    [ECR, 'ecr', true],
    ['contoso.azurecr.io', 'ecr', false],
    ['localhost:5000', '127.0.0.1:5000', true],
    ['localhost:5000', '127.0.0.1:5001', false],
    ['localhost', '127.0.0.1', true],
    ['localhost', 'localhost:5000', false],
    ['[::1]:5000', '127.0.0.1:5000', true],
    ['[::1]:5000', '[::1]:5001', false],
    ['docker.io', 'registry-1.docker.io', true],
    ['registry.lan', 'registry.lan:443', true],
    ['registry.lan', 'registry.lan:5000', false],
    ['registry.lan:4431', 'registry.lan1', false],
  ])('%s and %s may be one: %s', (a, b, expected) => {
    expect(maybeSameRegistry(a, b)).toBe(expected);
    expect(maybeSameRegistry(b, a)).toBe(expected);
  });
});
