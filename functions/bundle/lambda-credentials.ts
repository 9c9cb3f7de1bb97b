/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles: Lambda always gives a function its credentials
 * in these variables, and the SDK's search for others (files, SSO, instances) is a fifth of its code.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined)
    throw Object.assign(new Error('no credentials in the environment'), { name: 'CredentialsProviderError' });
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  };
};
