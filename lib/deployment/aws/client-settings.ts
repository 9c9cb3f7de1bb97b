/** How operators' commands talk to AWS; credentials come from the SDK's default chain. */
export interface AwsAccess {
  /** Left out: as the environment or the profile says. */
  readonly region?: string;
  /** Milliseconds for one request. */
  readonly timeout: number;
}

/** The same for every client of the SDK. */
export function clientSettings({ region, timeout }: AwsAccess) {
  return {
    ...(region !== undefined && { region }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: timeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  };
}
