import type { RunCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type AzureIdentitySide, type AzureSide, conditionOf } from './azure-side.ts';
import { readAzureSide } from './read-question.ts';

/** `archweave azure terraform`: the same as `azure bicep`, for the provider azurerm. */
export const run: RunCommand = async invocation => {
  const side = await readAzureSide(invocation);
  return { exit: EXIT.ok, text: renderTerraform(side) };
};

/** What Azure needs for one registry, as Terraform. Roles are looked up by their names. */
export function renderTerraform(side: AzureSide): string {
  const { setting, resource, identities, issuer, hook } = side;
  const federated = identities.some(({ awsRoles }) => awsRoles.length > 0);
  const blocks = [
    [`# What archweave needs in Azure for ${setting.host}. Made by: archweave azure terraform`],
    ['variable "resource_group" {', '  type = string', '}'],
    ['variable "registry" {', '  type    = string', `  default = "${resource}"`, '}'],
    ...(federated
      ? [
          [
            '# aws iam get-outbound-web-identity-federation-info says it, once the account vouches for its roles',
            'variable "issuer" {',
            '  type = string',
            ...(issuer === undefined ? [] : [`  default = "${issuer}"`]),
            '}',
          ],
        ]
      : []),
    [
      'data "azurerm_container_registry" "registry" {',
      '  name                = var.registry',
      '  resource_group_name = var.resource_group',
      '}',
    ],
    ...identities.flatMap(identity => identityBlocks(side, identity)),
    ...(hook === undefined ? [] : wayBlocks(side, hook)),
    ...outputs(side),
  ];
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`;
}

function identityBlocks(side: AzureSide, identity: AzureIdentitySide): readonly (readonly string[])[] {
  const { part, roles, awsRoles } = identity;
  return [
    [
      `resource "azurerm_user_assigned_identity" "${part}" {`,
      `  name                = "archweave-${part}"`,
      '  resource_group_name = var.resource_group',
      '  location            = data.azurerm_container_registry.registry.location',
      '}',
    ],
    ...awsRoles.map(({ name, arn }, at) => [
      `resource "azurerm_federated_identity_credential" "${name}" {`,
      `  name                = "aws-${name}"`,
      '  resource_group_name = var.resource_group',
      `  parent_id           = azurerm_user_assigned_identity.${part}.id`,
      '  issuer              = var.issuer',
      `  subject             = "${arn}"`,
      '  audience            = ["api://AzureADTokenExchange"]',
      ...(at === 0
        ? []
        : [
            '  # One after the other: Azure refuses two at once for one identity.',
            `  depends_on = [azurerm_federated_identity_credential.${awsRoles[at - 1]!.name}]`,
          ]),
      '}',
    ]),
    ...roles.map((role, at) => {
      const condition = conditionOf(side, role);
      return [
        `resource "azurerm_role_assignment" "${part}_${at}" {`,
        '  scope                = data.azurerm_container_registry.registry.id',
        `  role_definition_name = "${role.name}"`,
        `  principal_id         = azurerm_user_assigned_identity.${part}.principal_id`,
        '  principal_type       = "ServicePrincipal"',
        ...(condition === undefined
          ? []
          : ['  condition_version    = "2.0"', `  condition            = ${JSON.stringify(condition)}`]),
        '}',
      ];
    }),
  ];
}

function wayBlocks({ setting }: AzureSide, url: string): readonly (readonly string[])[] {
  const { events, audience, tenant, subscription = 'archweave' } = setting;
  const secret = ['variable "hook_secret" {', '  type      = string', '  sensitive = true', '}'];
  if (events === 'webhook')
    return [
      secret,
      [
        'resource "azurerm_container_registry_webhook" "archweave" {',
        '  name                = "archweave"',
        '  resource_group_name = var.resource_group',
        '  registry_name       = var.registry',
        '  location            = data.azurerm_container_registry.registry.location',
        `  service_uri         = "${url}"`,
        '  actions             = ["push", "delete"]',
        '  custom_headers = {',
        `    Authorization = "Bearer \${var.hook_secret}"`,
        '  }',
        '}',
      ],
    ];
  if (events !== 'event-grid') return [];
  return [
    ...(audience === undefined ? [secret] : [['data "azurerm_client_config" "current" {}']]),
    [
      'resource "azurerm_eventgrid_system_topic" "archweave" {',
      '  name                   = "archweave"',
      '  resource_group_name    = var.resource_group',
      '  location               = data.azurerm_container_registry.registry.location',
      '  source_arm_resource_id = data.azurerm_container_registry.registry.id',
      '  topic_type             = "Microsoft.ContainerRegistry.Registries"',
      '}',
    ],
    [
      'resource "azurerm_eventgrid_system_topic_event_subscription" "pushes" {',
      `  name                  = "${subscription}"`,
      '  system_topic          = azurerm_eventgrid_system_topic.archweave.name',
      '  resource_group_name   = var.resource_group',
      '  event_delivery_schema = "CloudEventSchemaV1_0"',
      '  included_event_types  = ["Microsoft.ContainerRegistry.ImagePushed", "Microsoft.ContainerRegistry.ImageDeleted"]',
      '  webhook_endpoint {',
      `    url = "${url}"`,
      ...(audience === undefined
        ? []
        : [
            `    active_directory_tenant_id     = ${tenant === undefined ? 'data.azurerm_client_config.current.tenant_id' : `"${tenant}"`}`,
            `    active_directory_app_id_or_uri = "${audience}"`,
          ]),
      '  }',
      ...(audience === undefined
        ? [
            '  delivery_property {',
            '    header_name = "Authorization"',
            '    type        = "Static"',
            `    value       = "Bearer \${var.hook_secret}"`,
            '    secret      = true',
            '  }',
          ]
        : []),
      '}',
    ],
  ];
}

function outputs({ identities }: AzureSide): readonly (readonly string[])[] {
  const names = { write: 'clientId', read: 'readClientId' };
  return identities.map(({ part }) => [
    `output "${names[part]}" {`,
    `  value = azurerm_user_assigned_identity.${part}.client_id`,
    '}',
  ]);
}
