interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly anyOf?: readonly Schema[];
}

/** The tables of docs/configuration.md: every key of the configuration's JSON Schema, with what holds without it. */
export function keyTables(schema: unknown): string {
  const top = schema as Schema;
  const { registries, indexes, imports } = top.properties ?? {};
  const named = registries?.additionalProperties;
  const registry = named ? named.anyOf?.find(choice => choice.properties) : undefined;
  return [
    table('The file', top),
    table(
      'A registry',
      registry,
      'A host alone is enough: `prod: registry.example.com`. `ecr` is the account and Region of whoever asks.',
    ),
    table('An index rule', indexes?.items),
    table('An import', imports?.items, '[imports.md](imports.md) shows each kind.'),
  ].join('\n');
}

function table(title: string, schema: Schema | undefined, note?: string): string {
  const rows = Object.entries(schema?.properties ?? {}).map(([name, key]) => {
    const needed = schema?.required?.includes(name) ? 'has to be there' : standard(key.default);
    const values = key.enum ? ` One of ${key.enum.map(value => `\`${value}\``).join(', ')}.` : '';
    return `| \`${name}\` | ${needed} | ${key.description}${values} |`;
  });
  return [
    `### ${title}`,
    '',
    ...(note ? [note, ''] : []),
    '| key | without it | meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function standard(value: unknown): string {
  if (value === undefined) return '–';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
