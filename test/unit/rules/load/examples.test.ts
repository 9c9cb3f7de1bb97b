import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { configJsonSchema } from '../../../../lib/rules/load/schema.ts';
import { loadConfig } from '../../../../lib/rules/load.ts';
import { renderFindings } from '../../../../lib/rules/render-findings.ts';
import { jsonSchemaErrors } from '../../../support/json-schema.ts';

const FOLDER = new URL('../../../../examples/', import.meta.url);
const FILES = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'));
const schema = JSON.parse(JSON.stringify(configJsonSchema()));
const textOf = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

describe('the examples', () => {
  it('are there, one a recipe', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(12);
  });

  it.each(FILES)('%s has no mistakes', name => {
    const text = renderFindings(loadConfig(textOf(name), { file: name }), name);
    expect(text).toMatch(
      /^[a-z-]+\.yaml: [0-9]+ registr(y|ies), [0-9]+ index rules?(, [0-9]+ imports?)?\. No mistakes\.\n$/,
    );
  });

  it.each(FILES)('%s is what the JSON Schema says', name => {
    expect(jsonSchemaErrors(schema, parse(textOf(name)))).toEqual([]);
  });

  it('have every key of registries, index rules and imports somewhere', () => {
    const all = FILES.map(textOf).join('\n');
    const { registries, indexes, imports } = schema.properties;
    const keys = [
      ...Object.keys(registries.additionalProperties.anyOf[1].properties),
      ...Object.keys(indexes.items.properties),
      ...Object.keys(imports.items.properties),
    ];
    expect(keys.filter(key => !new RegExp(`\\b${key}:`).test(all))).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  const rule = { repositories: ['r.example/*'], platforms: ['linux/amd64'] };
  it.each([
    ['of the file', { indexes: [rule], index: [] }],
    ['of a rule', { indexes: [{ ...rule, plattforms: [] }] }],
    ['of a registry', { registries: { lan: { host: 'r.example', password: 'x' } }, indexes: [rule] }],
    ['of an import', { imports: [{ from: 'a.example/b', to: 'c', on: 'published' }] }],
    ['of sameBuild', { indexes: [{ ...rule, sameBuild: { label: 'x', requird: true } }] }],
  ])('refuses an unknown key %s', (_, value) => {
    expect(jsonSchemaErrors(schema, value)).not.toEqual([]);
  });

  it('accepts what it refuses the rest of', () => {
    expect(jsonSchemaErrors(schema, { indexes: [rule] })).toEqual([]);
  });
});
