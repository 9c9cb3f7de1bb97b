import type { CommandGroup, CommandSpec, FlagSpec } from '../command.ts';

const GROUP = 'aws';
const STACK: FlagSpec = {
  name: 'stack',
  value: 'NAME',
  meaning: 'the CloudFormation stack (default Archweave)',
};
const common = { group: GROUP, operands: '', fewest: 0, most: 0, exits: [0, 1, 2] } as const;

const COMMANDS: readonly CommandSpec[] = [
  {
    ...common,
    name: 'aws redrive',
    summary: 'show what waits in the dead letters and why, and let it be tried again',
    flags: [STACK, { name: 'dry-run', meaning: 'show it, and move nothing' }],
    examples: ['archweave aws redrive --dry-run', 'archweave aws redrive --stack ArchweaveProd'],
    load: () => import('./redrive.ts'),
  },
  {
    ...common,
    name: 'aws pause',
    summary: 'stop writing: pushes still come in and wait in the queue',
    flags: [STACK],
    examples: ['archweave aws pause'],
    load: () => import('./pause.ts'),
  },
  {
    ...common,
    name: 'aws resume',
    summary: 'go on with what waits in the queue',
    flags: [STACK],
    examples: ['archweave aws resume'],
    load: () => import('./resume.ts'),
  },
];

export const AWS_COMMANDS: CommandGroup = {
  name: GROUP,
  summary: 'a deployment on AWS',
  commands: COMMANDS,
};
