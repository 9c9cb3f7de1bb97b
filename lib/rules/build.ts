import type { Captures } from './template.ts';

/** Which build something was made of: its captures, and the label or creation time where the rule orders by that. */
export interface Build {
  readonly captures: Captures;
  readonly newest?: string;
}
