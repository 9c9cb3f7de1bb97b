import type { WakeUpMessage } from '../messages/wake-up-message.ts';

/** A message as it was taken from the queue, hidden from others for a while. */
export interface TakenMessage {
  readonly id: string;
  readonly body: string;
  readonly group: string;
  /** What this taking is called where it is postponed. */
  readonly receipt: string;
  /** How often it was taken, this time included. */
  readonly receives: number;
}

/** Why a message is in the dead letters. */
export interface Burial {
  readonly code: string;
  readonly message: string;
}

/**
 * A FIFO queue of wake-ups: of one group, no message is given out while another is worked on. Failures are
 * exceptions; what was not sent or buried is then as it was.
 */
export interface WorkQueue {
  send(messages: readonly WakeUpMessage[]): Promise<void>;
  /** Hides messages for so many seconds from now. */
  postpone(messages: readonly TakenMessage[], seconds: number): Promise<void>;
  /** Puts copies among the dead letters, with the reason; whoever calls takes the messages off the queue then. */
  bury(messages: readonly TakenMessage[], why: Burial): Promise<void>;
}
