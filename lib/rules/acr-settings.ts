/** What archweave.yaml says of a registry in Azure beyond its host. */
export interface AcrSettings {
  /** How its pushes get here; left out: `poll`. */
  readonly events?: 'webhook' | 'event-grid' | 'poll';
  /** Milliseconds between two looks. */
  readonly poll?: number;
  /** Entra's ids of the tenant and of the identity that archweave is there, in lower case; both or neither. */
  readonly tenant?: string;
  readonly clientId?: string;
  /** Another identity for what only reads: polling and sweeping. */
  readonly readClientId?: string;
  /** Its resource in Azure, `/subscriptions/…/registries/NAME`: registries that have one fetch from each other. */
  readonly resource?: string;
  /** Where the secret of the way in is: `env:NAME` or `secretsmanager:ARN`. */
  readonly hook?: string;
  /** The account and Region whose deployment is for it; left out: of every deployment that has this configuration. */
  readonly account?: string;
  readonly region?: string;
  /** What Event Grid's tokens are for. */
  readonly audience?: string;
  /** The event subscription that may introduce itself. */
  readonly subscription?: string;
}

/** How often an ACR registry is asked for its newest tags where nothing is said, in milliseconds. */
export const POLL_EVERY = 60_000;
