/**
 * Whether a value is what a JSON Schema says, for the keywords that a configuration's schema uses. A keyword that
 * is not known here is an error, so that nothing passes for having been looked at.
 */
export function jsonSchemaErrors(schema: unknown, value: unknown): readonly string[] {
  return errorsAt('', schema, value, schema);
}

type Schema = Readonly<Record<string, unknown>>;
type Check = (at: string, given: unknown, value: unknown, schema: Schema, root: unknown) => readonly string[];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nothing: Check = () => [];

const CHECKS: Readonly<Record<string, Check>> = {
  $schema: nothing,
  $id: nothing,
  $defs: nothing,
  definitions: nothing,
  title: nothing,
  description: nothing,
  markdownDescription: nothing,
  default: nothing,
  examples: nothing,
  format: nothing,
  type: (at, given, value) =>
    [given].flat().some(type => isOfType(type, value)) ? [] : [`${at}: is not ${JSON.stringify(given)}`],
  enum: (at, given, value) =>
    (given as unknown[]).includes(value) ? [] : [`${at}: is none of ${JSON.stringify(given)}`],
  const: (at, given, value) => (given === value ? [] : [`${at}: is not ${JSON.stringify(given)}`]),
  pattern: (at, given, value) =>
    typeof value !== 'string' || new RegExp(String(given), 'u').test(value)
      ? []
      : [`${at}: does not match ${given}`],
  minLength: (at, given, value) =>
    typeof value !== 'string' || value.length >= Number(given) ? [] : [`${at}: is too short`],
  maxLength: (at, given, value) =>
    typeof value !== 'string' || value.length <= Number(given) ? [] : [`${at}: is too long`],
  minimum: (at, given, value) =>
    typeof value !== 'number' || value >= Number(given) ? [] : [`${at}: is too small`],
  maximum: (at, given, value) =>
    typeof value !== 'number' || value <= Number(given) ? [] : [`${at}: is too big`],
  exclusiveMinimum: (at, given, value) =>
    typeof value !== 'number' || value > Number(given) ? [] : [`${at}: is too small`],
  minItems: (at, given, value) =>
    !Array.isArray(value) || value.length >= Number(given) ? [] : [`${at}: has too few entries`],
  items: (at, given, value, _schema, root) =>
    Array.isArray(value)
      ? value.flatMap((entry, index) => errorsAt(`${at}/${index}`, given, entry, root))
      : [],
  required: (at, given, value) =>
    isObject(value)
      ? (given as string[]).filter(key => !(key in value)).map(key => `${at}: lacks ${key}`)
      : [],
  properties: (at, given, value, _schema, root) =>
    isObject(value)
      ? Object.entries(given as Schema).flatMap(([key, schema]) =>
          key in value ? errorsAt(`${at}/${key}`, schema, value[key], root) : [],
        )
      : [],
  propertyNames: (at, given, value, _schema, root) =>
    isObject(value)
      ? Object.keys(value).flatMap(key => errorsAt(`${at}/${key} (its name)`, given, key, root))
      : [],
  additionalProperties: (at, given, value, schema, root) => {
    if (!isObject(value)) return [];
    const known = isObject(schema.properties) ? schema.properties : {};
    const others = Object.keys(value).filter(key => !(key in known));
    return others.flatMap(key =>
      given === false ? [`${at}: ${key} is not known`] : errorsAt(`${at}/${key}`, given, value[key], root),
    );
  },
  anyOf: (at, given, value, _schema, root) => {
    const tries = (given as unknown[]).map(schema => errorsAt(at, schema, value, root));
    return tries.some(errors => errors.length === 0) ? [] : [`${at}: fits none: ${tries.flat().join('; ')}`];
  },
  oneOf: (at, given, value, _schema, root) => {
    const fits = (given as unknown[]).filter(schema => errorsAt(at, schema, value, root).length === 0);
    return fits.length === 1 ? [] : [`${at}: fits ${fits.length} of the choices`];
  },
  allOf: (at, given, value, _schema, root) =>
    (given as unknown[]).flatMap(schema => errorsAt(at, schema, value, root)),
  not: (at, given, value, _schema, root) =>
    errorsAt(at, given, value, root).length > 0 ? [] : [`${at}: is what it must not be`],
  $ref: (at, given, value, _schema, root) => errorsAt(at, resolve(String(given), root), value, root),
};

function errorsAt(at: string, schema: unknown, value: unknown, root: unknown): readonly string[] {
  if (schema === true) return [];
  if (schema === false) return [`${at}: nothing is allowed here`];
  if (!isObject(schema)) return [`${at}: the schema is not a schema`];
  return Object.entries(schema).flatMap(([keyword, given]) => {
    const check = CHECKS[keyword];
    return check === undefined
      ? [`${at}: the keyword ${keyword} is not known`]
      : check(at, given, value, schema, root);
  });
}

function resolve(reference: string, root: unknown): unknown {
  let found: unknown = root;
  for (const step of reference.split('/').slice(1)) {
    found = isObject(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return found;
}

function isOfType(type: unknown, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
