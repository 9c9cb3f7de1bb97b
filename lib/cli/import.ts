import type { Answer, Invocation } from './command.ts';
import { readImportRequest } from './import-request.ts';

/** `import`: copies one image, the tags of a repository, or what the imports of archweave.yaml name. */
export async function run(invocation: Invocation): Promise<Answer> {
  const request = await readImportRequest(invocation);
  if (request.kind === 'image') {
    const { importOne } = await import('./import-one.ts');
    return await importOne(request, invocation);
  }
  const { importMany } = await import('./import-many.ts');
  return await importMany(request, invocation);
}
