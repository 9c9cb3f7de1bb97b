import type { CommandSpec, FlagSpec } from './command.ts';

/** Of every command that wants to know what was published before. */
export const STACK: FlagSpec = {
  name: 'stack',
  value: 'NAME',
  meaning: 'on ECR: the stack that keeps the history (default Archweave)',
};

export const PLAN: CommandSpec = {
  name: 'plan',
  group: 'Ask',
  operands: '[SCOPE]',
  fewest: 0,
  most: 1,
  summary: 'what would be written, everywhere',
  flags: [
    { name: 'all', meaning: 'show what is unchanged, too' },
    { name: 'full', meaning: 'full digests' },
    { name: 'exit-code', meaning: 'end with 5, 3 or 4 where something is to be written, waits or is held' },
    {
      name: 'event',
      value: 'FILE',
      meaning: "what a registry's event in FILE (- is stdin) would do; SCOPE names its registry",
    },
    STACK,
  ],
  examples: [
    'archweave plan',
    'archweave plan 127.0.0.1:5100/app',
    'archweave plan --json > p.json',
    'archweave plan --event event.json',
  ],
  exits: [0, 1, 2, 3, 4, 5],
  load: () => import('./plan.ts'),
};

export const APPLY: CommandSpec = {
  name: 'apply',
  group: 'Do',
  operands: '[SCOPE]',
  fewest: 0,
  most: 1,
  summary: 'write what plan shows',
  flags: [
    { name: 'wait', value: 'DURATION', meaning: 'with one REF: wait so long for what is missing' },
    { name: 'yes', meaning: 'write without asking' },
    {
      name: 'plan',
      value: 'FILE',
      meaning: 'a saved plan --json: exactly that, and nothing that moved since',
    },
    { name: 'event', value: 'FILE', meaning: 'what the event in FILE (- is stdin) is about' },
    { name: 'restore', meaning: 'bring back what a person deleted or replaced' },
    { name: 'exit-code', meaning: 'end with 5, 3 or 4 where something was skipped, waits or is held' },
    STACK,
  ],
  examples: [
    'archweave apply 127.0.0.1:5100/app:1.0',
    'archweave apply 127.0.0.1:5100/app:1.0 --wait 30m',
    'archweave apply --yes',
  ],
  exits: [0, 1, 2, 3, 4, 5],
  load: () => import('./apply.ts'),
};
