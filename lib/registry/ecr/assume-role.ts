/** Credentials of a role, taken on with those of the default chain; the client asks again shortly before they end. */
export async function assumeRole(roleArn: string, region: string | undefined) {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(region === undefined ? {} : { region });
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'archweave' });
  const { Credentials: given } = await sts.send(command);
  sts.destroy();
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    ...(given?.SessionToken !== undefined && { sessionToken: given.SessionToken }),
    ...(given?.Expiration !== undefined && { expiration: given.Expiration }),
  };
}
