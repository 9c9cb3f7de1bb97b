const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Clients allow 255 characters for HOST/NAME together; a name alone cannot have more. */
const LONGEST_NAME = 255;

/** Whether the distribution specification allows this as a repository's name. */
export function isRepositoryName(text: string): boolean {
  return text.length <= LONGEST_NAME && REPOSITORY.test(text);
}

/** Whether the distribution specification allows this as a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}
