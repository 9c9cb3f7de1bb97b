import { AWS_COMMANDS } from './aws/aws-commands.ts';
import { AZURE_COMMANDS } from './azure/azure-commands.ts';
import type { CommandGroup } from './command.ts';

/** Every group of commands that exists, in the order of the overview. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [AWS_COMMANDS, AZURE_COMMANDS];
