const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);

/** Clients allow 255 characters for HOST/NAME together; a name alone cannot have more. */
const LONGEST = 255;

/** Whether the distribution specification allows this as a repository's name. */
export function isRepositoryName(text: string): boolean {
  return text.length <= LONGEST && REPOSITORY.test(text);
}
