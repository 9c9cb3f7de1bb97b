/** How an execution ends that has not done what it was for, as Step Functions says it. */
export const FAILED_STATUSES = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** The error of an execution that failed and has told it. */
export const TOLD = 'ImportFailed';
/** The error of one that could not tell it; its cause is the failure, as Step Functions hands it on, in JSON. */
export const UNTOLD = 'ImportUntold';
