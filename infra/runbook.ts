/** Where the runbook is; every alarm's name is the anchor of its section there. */
export const RUNBOOK = 'https://github.com/archweave/archweave/blob/main/docs/runbook.md';
