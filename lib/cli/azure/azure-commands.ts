import type { CommandGroup, CommandSpec, FlagSpec } from '../command.ts';

const GROUP = 'azure';
const FLAGS: readonly FlagSpec[] = [
  { name: 'registry', value: 'NAME', meaning: 'of archweave.yaml, where it has several in Azure' },
  {
    name: 'issuer',
    value: 'URL',
    meaning: 'who vouches for the roles of the AWS account; asked for later if left out',
  },
  { name: 'account', value: 'ID', meaning: 'the AWS account (default: as archweave.yaml has it)' },
  { name: 'region', value: 'REGION', meaning: 'the AWS Region (default: as archweave.yaml has it)' },
  { name: 'name', value: 'NAME', meaning: 'of the deployment on AWS (default archweave)' },
  { name: 'serve', meaning: 'for serve in Azure: one identity, and nothing of AWS' },
  { name: 'abac', meaning: 'the registry has "RBAC Registry + ABAC Repository Permissions"' },
  { name: 'hooks', value: 'URL', meaning: 'where events go, for a webhook or a subscription of Event Grid' },
];
const common = { group: GROUP, operands: '', fewest: 0, most: 0, flags: FLAGS, exits: [0, 2] } as const;

const COMMANDS: readonly CommandSpec[] = [
  {
    ...common,
    name: 'azure bicep',
    summary: 'print what a registry in Azure needs: identities, trust, least roles',
    examples: [
      'archweave azure bicep --account 123456789012 --region eu-west-1 > archweave.bicep',
      'archweave azure bicep --serve --abac > archweave.bicep',
    ],
    load: () => import('./bicep.ts'),
  },
  {
    ...common,
    name: 'azure terraform',
    summary: 'the same for Terraform',
    examples: ['archweave azure terraform --account 123456789012 --region eu-west-1 > archweave.tf'],
    load: () => import('./terraform.ts'),
  },
];

export const AZURE_COMMANDS: CommandGroup = {
  name: GROUP,
  summary: 'registries in Azure',
  commands: COMMANDS,
};
