/** `archweave/cdk`: what a CDK app imports. */
export { Archweave, type ArchweaveProps } from './archweave.ts';
export type { Network } from './network.ts';
export { ArchweaveStack, type ArchweaveStackProps } from './stack.ts';
