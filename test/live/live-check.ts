import type { LiveWorld } from './live-world.ts';

/** One question that only a real account answers. */
export interface LiveCheck {
  /** What it is called on the command line. */
  readonly name: string;
  readonly asks: string;
  /** Environment variables without which it is skipped. */
  readonly needs?: readonly string[];
  /** Answers what it saw, a line each. What it makes it makes through the world, which removes it. */
  run(world: LiveWorld): Promise<readonly string[]>;
}

/** An answer that may be an error, by its class: what the vendor's own name for it is. */
export async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`.slice(0, 300);
  }
}
