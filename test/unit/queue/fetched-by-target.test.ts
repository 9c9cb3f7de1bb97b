import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { fetchedByTarget, plainReason } from '../../../lib/queue/fetched-by-target.ts';
import { StepError } from '../../../lib/queue/step-error.ts';

const refusal = new ArchweaveError({
  code: 'forbidden',
  attempt: 'have fabrikam.azurecr.io fetch it',
  reason: 'the identity may not',
  next: 'give it the role',
  cause: new Error('token=secret'),
});

describe('what an execution hands on of an image that the target was to fetch', () => {
  it('says why it was streamed, through JSON, and nothing that nobody is told', () => {
    const why = { code: 'refused', error: refusal } as const;
    const handedOn = JSON.parse(JSON.stringify({ streamed: plainReason(why) }));
    expect(fetchedByTarget(handedOn)).toEqual({
      streamed: {
        code: 'refused',
        error: { code: 'forbidden', reason: 'the identity may not', next: 'give it the role' },
      },
    });
  });

  it('is nothing where nobody was to fetch it, and the bytes where it did', () => {
    expect(fetchedByTarget({})).toEqual({});
    expect(fetchedByTarget({ fetched: 7 })).toEqual({ fetched: 7 });
  });

  it('has the reason of a step that failed', () => {
    const { name, message } = new StepError(refusal);
    const Cause = JSON.stringify({ errorType: name, errorMessage: message });
    expect(fetchedByTarget({ caught: { Error: name, Cause } })).toMatchObject({
      streamed: { code: 'refused', error: { reason: 'the identity may not', next: 'give it the role' } },
    });
  });
});
