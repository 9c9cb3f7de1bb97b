type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
interface Fields {
  readonly [key: string]: Json;
}

/**
 * Whether an event matches a pattern, as EventBridge documents it: every field of the pattern is there, and one of
 * its alternatives holds. Throws for a kind of alternative that is not known here, lest a pattern pass unread.
 */
export function matchesPattern(pattern: Fields, event: Fields): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = event[key];
    if (Array.isArray(wanted)) return wanted.some(alternative => fits(alternative, value));
    return isFields(wanted) && isFields(value) && matchesPattern(wanted, value);
  });
}

function fits(alternative: Json, value: Json | undefined): boolean {
  if (!isFields(alternative)) return value === alternative;
  const [[kind, operand] = ['nothing', null], ...more] = Object.entries(alternative);
  if (more.length > 0) throw new Error('an alternative says one thing');
  if (typeof value !== 'string') return false;
  switch (kind) {
    case 'prefix':
      return value.startsWith(text(operand));
    case 'suffix':
      return value.endsWith(text(operand));
    case 'anything-but':
      return !(operand as readonly Json[]).includes(value);
    default:
      throw new Error(`${kind} is not known here`);
  }
}

function text(operand: Json): string {
  if (typeof operand === 'string' && operand !== '') return operand;
  throw new Error('EventBridge takes no such text');
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
