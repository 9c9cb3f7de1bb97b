import { describe, expect, it } from '@jest/globals';
import { readDeployment } from '../../../lib/deployment/deployment.ts';

const OUTPUT = {
  ...{
    archweave: 1,
    region: 'eu-west-1',
    work: 'https://q/1/work.fifo',
    deadLetters: 'https://q/1/dead.fifo',
  },
  ...{ inletDeadLetters: 'https://q/1/inlet', sweepDeadLetters: 'https://q/1/sweep', ledger: 'table' },
  ...{ receive: 'r', assemble: 'a', assembleMapping: 'uuid' },
};
const ARN = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/Archweave/1';
const read = (output: object) => readDeployment(JSON.stringify(output), 'Archweave', ARN);

describe('what a stack says of itself', () => {
  it('is read, with the account of its ARN', () => {
    const { archweave: _, ...facts } = OUTPUT;
    expect(read(OUTPUT)).toEqual({ ...facts, account: '123456789012', clocks: [] });
    expect(read({ ...OUTPUT, clocks: ['due', 'sweep'], more: 1 }).clocks).toEqual(['due', 'sweep']);
  });

  it('has imports where the stack has them', () => {
    const imports = { deadLetters: 'https://q/1/imports', intake: 'i' };
    expect(read({ ...OUTPUT, imports }).imports).toEqual(imports);
  });

  it.each([
    [{ ...OUTPUT, imports: { intake: 'i' } }, 'imports.deadLetters is missing'],
    [{ ...OUTPUT, archweave: 2 }, 'archweave is not 1'],
    [{ ...OUTPUT, work: undefined }, 'work is missing'],
    [{ ...OUTPUT, ledger: 7 }, 'ledger is not a string'],
  ])('is refused where it is not understood', (output, reason) => {
    expect(() => read(output)).toThrow(`cannot read what the stack Archweave says of itself: ${reason}`);
  });
});
