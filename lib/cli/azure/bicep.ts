import type { RunCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type AzureIdentitySide, type AzureRole, type AzureSide, conditionOf } from './azure-side.ts';
import { readAzureSide } from './read-question.ts';

/** `archweave azure bicep`: contacts nobody, and prints what a person deploys. */
export const run: RunCommand = async invocation => {
  const side = await readAzureSide(invocation);
  return { exit: EXIT.ok, text: renderBicep(side) };
};

/** What Azure needs for one registry, as Bicep for the resource group that the registry is in. */
export function renderBicep(side: AzureSide): string {
  const { setting, resource, identities, issuer, hook } = side;
  const federated = identities.some(({ awsRoles }) => awsRoles.length > 0);
  const ways = hook === undefined ? [] : wayBlocks(side, hook);
  const blocks = [
    [
      `// What archweave needs in Azure for ${setting.host}. Made by: archweave azure bicep`,
      `// az deployment group create --resource-group GROUP --template-file archweave.bicep`,
      '// Ids of roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/containers',
    ],
    [
      `param registryName string = '${resource}'`,
      ...(ways.length === 0 ? [] : [`// The registry's own: what sends its events has to be where it is.`]),
      'param location string = resourceGroup().location',
      ...(federated
        ? [
            '// aws iam get-outbound-web-identity-federation-info says it, once the account vouches for its roles',
            `param issuer string${issuer === undefined ? '' : ` = '${issuer}'`}`,
          ]
        : []),
    ],
    [
      "resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {",
      '  name: registryName',
      '}',
    ],
    ...identities.flatMap(identity => identityBlocks(side, identity)),
    ...ways,
    outputs(side),
  ];
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`;
}

function identityBlocks(side: AzureSide, identity: AzureIdentitySide): readonly (readonly string[])[] {
  const { part, roles, awsRoles } = identity;
  const federation = [
    `var ${part}Roles = [`,
    ...awsRoles.flatMap(({ name, arn }) => ['  {', `    name: '${name}'`, `    arn: '${arn}'`, '  }']),
    ']',
    '',
    '// One after the other: Azure refuses two at once for one identity.',
    '@batchSize(1)',
    `resource ${part}Trust 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = [for role in ${part}Roles: {`,
    `  parent: ${part}`,
    `  name: 'aws-\${role.name}'`,
    '  properties: {',
    '    issuer: issuer',
    '    subject: role.arn',
    "    audiences: [ 'api://AzureADTokenExchange' ]",
    '  }',
    '}]',
  ];
  return [
    [
      `resource ${part} 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {`,
      `  name: 'archweave-${part}'`,
      '  location: location',
      '}',
    ],
    ...(awsRoles.length === 0 ? [] : [federation]),
    ...roles.map((role, at) => assignment(side, part, role, at)),
  ];
}

function assignment(side: AzureSide, part: string, role: AzureRole, at: number): readonly string[] {
  const condition = conditionOf(side, role);
  return [
    `resource ${part}Role${at} 'Microsoft.Authorization/roleAssignments@2022-04-01' = {`,
    `  name: guid(registry.id, ${part}.id, '${role.id}')`,
    '  scope: registry',
    '  properties: {',
    `    principalId: ${part}.properties.principalId`,
    "    principalType: 'ServicePrincipal'",
    `    // ${role.name}`,
    `    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${role.id}')`,
    ...(condition === undefined
      ? []
      : [`    conditionVersion: '2.0'`, `    condition: '${condition.replaceAll("'", "\\'")}'`]),
    '  }',
    '}',
  ];
}

/** A webhook or a subscription, as archweave.yaml says; nothing for a registry that is polled. */
function wayBlocks({ setting }: AzureSide, url: string): readonly (readonly string[])[] {
  const { events, audience, tenant, subscription = 'archweave' } = setting;
  const secret = ['@secure()', 'param hookSecret string'];
  if (events === 'webhook')
    return [
      secret,
      [
        "resource webhook 'Microsoft.ContainerRegistry/registries/webhooks@2023-07-01' = {",
        '  parent: registry',
        "  name: 'archweave'",
        '  location: location',
        '  properties: {',
        `    serviceUri: '${url}'`,
        `    customHeaders: { Authorization: 'Bearer \${hookSecret}' }`,
        "    actions: [ 'push', 'delete' ]",
        "    status: 'enabled'",
        '  }',
        '}',
      ],
    ];
  if (events !== 'event-grid') return [];
  const shown =
    audience === undefined
      ? [
          '        deliveryAttributeMappings: [',
          '          {',
          "            name: 'Authorization'",
          "            type: 'Static'",
          `            properties: { value: 'Bearer \${hookSecret}', isSecret: true }`,
          '          }',
          '        ]',
        ]
      : [
          `        azureActiveDirectoryTenantId: ${tenant === undefined ? 'tenant().tenantId' : `'${tenant}'`}`,
          `        azureActiveDirectoryApplicationIdOrUri: '${audience}'`,
        ];
  return [
    ...(audience === undefined ? [secret] : []),
    [
      "resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {",
      "  name: 'archweave'",
      '  location: location',
      '  properties: {',
      '    source: registry.id',
      "    topicType: 'Microsoft.ContainerRegistry.Registries'",
      '  }',
      '}',
    ],
    [
      "resource pushes 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {",
      '  parent: topic',
      `  name: '${subscription}'`,
      '  properties: {',
      "    eventDeliverySchema: 'CloudEventSchemaV1_0'",
      '    filter: {',
      '      includedEventTypes: [',
      "        'Microsoft.ContainerRegistry.ImagePushed'",
      "        'Microsoft.ContainerRegistry.ImageDeleted'",
      '      ]',
      '    }',
      '    destination: {',
      "      endpointType: 'WebHook'",
      '      properties: {',
      `        endpointUrl: '${url}'`,
      ...shown,
      '      }',
      '    }',
      '  }',
      '}',
    ],
  ];
}

function outputs({ identities }: AzureSide): readonly string[] {
  const names = { write: 'clientId', read: 'readClientId' };
  return [
    '// For archweave.yaml',
    'output tenant string = tenant().tenantId',
    ...identities.map(({ part }) => `output ${names[part]} string = ${part}.properties.clientId`),
  ];
}
