import type { openAcr } from './open-acr.ts';

/** Nothing is in Azure: import-ends-azure.ts stands in for this in the bundles of deployments whose imports go there. */
export const openAcrEnd = (..._: Parameters<typeof openAcr>): ReturnType<typeof openAcr> | undefined =>
  undefined;
