export interface HostileEvent {
  readonly title: string;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it is sent; the hook by default. */
  readonly path?: string;
  /** The status, and the start of the error's message or what was counted. */
  readonly answer: readonly [number, string];
}

export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const LONG = 'a'.repeat(500_000);
export const TAKEN = [202, '1 accepted, 0 ignored'] as const;
export const PASSED = [202, '0 accepted, 1 ignored'] as const;

export const refused = (reason: string) => [400, `cannot read this event: ${reason}`] as const;
