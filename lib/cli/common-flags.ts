import type { FlagSpec } from './command.ts';

export const COMMON_FLAGS: readonly FlagSpec[] = [
  {
    name: 'config',
    short: 'c',
    value: 'FILE',
    meaning: 'archweave.yaml to use (default: here, else in a parent up to the git root)',
  },
  { name: 'json', meaning: 'exactly one JSON document on stdout, also when it fails' },
  { name: 'quiet', short: 'q', meaning: 'stderr only for errors' },
  { name: 'verbose', short: 'v', meaning: 'one stderr line a request, and traces of errors' },
  { name: 'color', value: 'WHEN', meaning: 'auto, always or never (default auto)' },
  {
    name: 'plain-http',
    alias: 'insecure',
    meaning: 'plain http is fine for the hosts of this command; certificates stay checked',
  },
  { name: 'ca', value: 'FILE', meaning: 'certificates to trust besides those of the system' },
  { name: 'timeout', value: 'DURATION', meaning: 'of one request (default 30s)' },
  { name: 'help', short: 'h', meaning: 'this text' },
  { name: 'version', meaning: 'the version' },
];
