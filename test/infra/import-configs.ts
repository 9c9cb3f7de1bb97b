import { TEAMS } from './a-stack.ts';

/** An import of each kind, from and to ECR. */
export const IMPORTS = `${TEAMS}imports:
  - name: mirror
    from: prod/team/*
    to: lan.example/mirror/{repository}
    when: published
  - name: base images
    from: docker.io/library/alpine
    tags: "3.*"
    to: prod/base/alpine
    referrers: false
    when: every 24h
  - name: raw
    from: prod/raw/app
    to: lan.example/raw
    when: pushed
  - name: old
    from: prod/old/*
    to: lan.example/{repository}
    when: manual
`;
/** From ECR to a registry in Azure. */
export const AZURE = `registries:
  prod: ecr
  contoso: { host: contoso.azurecr.io, tenant: 11111111-2222-3333-4444-555555555555, clientId: 22222222-3333-4444-5555-666666666666 }
imports:
  - name: mirror
    from: prod/team/*
    to: contoso/{repository}
    when: manual
`;
const IDS = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/images/providers';
const REGISTRY = `${IDS}/Microsoft.ContainerRegistry/registries`;
/** Between two registries in Azure, of which one resource is known. */
export const BETWEEN = AZURE.replace('from: prod/team/*', 'from: fabrikam/team/*').replace(
  'imports:',
  `  fabrikam: { host: fabrikam.azurecr.io, tenant: 11111111-2222-3333-4444-555555555555, clientId: 22222222-3333-4444-5555-666666666666, resource: ${REGISTRY}/fabrikam }
imports:`,
);
/** The same where both are: the target fetches by itself. */
export const FETCHING = BETWEEN.replace('666666666666 }', `666666666666, resource: ${REGISTRY}/contoso }`);
