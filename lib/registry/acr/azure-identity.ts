/** What somebody is asked to prove, and for whom. */
export interface Proving {
  /** As it follows "cannot" in an error. */
  readonly attempt: string;
  readonly signal?: AbortSignal | undefined;
  /** What the token is to be for; left out: registries, which then exchange it. */
  readonly audience?: string;
}

/** Who archweave is to Entra. */
export interface AzureIdentity {
  /** As errors name it: `the managed identity 1111…`. Holds no secret. */
  readonly name: string;
  /** A command, for whoever is not let in as this identity. */
  readonly next: string;
  /**
   * An access token of Entra, or undefined where nobody is logged in at all. Throws `unauthorized`
   * or `forbidden` where somebody is, and Entra says no.
   */
  token(proving: Proving): Promise<string | undefined>;
}
