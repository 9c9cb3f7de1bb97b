import type { Answer, Invocation } from './command.ts';

/** `demo`: without a repository the whole story on one screen, with one the sample images for a story of one's own. */
export async function run(invocation: Invocation): Promise<Answer> {
  if (invocation.operands.length > 0) {
    const { pushSamples } = await import('./push-samples.ts');
    return pushSamples(invocation);
  }
  const { playDemo } = await import('./play-demo.ts');
  return playDemo(invocation);
}
