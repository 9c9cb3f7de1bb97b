import { describe, expect, it } from '@jest/globals';
import { eventGridApplication } from '../../../lib/rules/event-grid-application.ts';

describe('the application of Event Grid', () => {
  it.each([
    ['contoso.azurecr.io', '4962773b-9cdb-44cf-a8bf-237846a00ab7'],
    ['contoso.azurecr.us', '54316b56-3481-47f9-8f30-0300f5542a7b'],
  ])('is known for the cloud of %s', (host, application) => {
    expect(eventGridApplication(host)).toBe(application);
  });

  it.each(['contoso.azurecr.cn', 'contoso.azurecr.io.example', 'contoso.azurecr.us.example', 'azurecr.io'])(
    'is not made up for %s',
    host => {
      expect(eventGridApplication(host)).toBeUndefined();
    },
  );
});
