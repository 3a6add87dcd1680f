// lib_openapi.mjs - Microsoft's description of Graph v1.0, read from the contracts: its operations, the types of what
// they answer, and those types as JSON schemas.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { source } from '../sandbox/people.mjs';

const need = createRequire(import.meta.url);
export const contracts = process.env.RESETBOT_CONTRACTS || join(source, '..', 'shared', 'contracts');

// Ends the program as skipped where a file of the contracts or a package is missing.
export function needs(files, packages = []) {
  for (const file of files) {
    if (existsSync(join(contracts, file))) continue;
    console.log(`the contracts have no ${file}: set RESETBOT_CONTRACTS`);
    process.exit(77);
  }
  for (const name of packages) {
    try {
      need.resolve(name);
    } catch {
      console.log(`the package ${name} is missing: run tests/setup`);
      process.exit(77);
    }
  }
}

export const openapiFile = 'graph/openapi-subset.yaml';

export class Description {
  constructor() {
    this.text = readFileSync(join(contracts, openapiFile), 'utf8');
    this.doc = need('js-yaml').load(this.text);
    this.schemas = this.doc.components.schemas;
  }

  resolve(node) {
    if (!node?.$ref) return node;
    return node.$ref.replace(/^#\//, '').split('/').reduce((at, key) => at[key.replaceAll('~1', '/')], this.doc);
  }

  // The operation of a path like /users/x, or null.
  operation(method, path) {
    const fits = (template) => new RegExp(`^${template.replace(/[$.]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
    // what is written out goes before what is a parameter
    const templates = Object.keys(this.doc.paths).filter(fits).sort((a, b) => a.split('{').length - b.split('{').length);
    const at = this.doc.paths[templates[0]];
    const operation = at?.[method.toLowerCase()];
    if (!operation) return null;
    const parameters = [...(at.parameters || []), ...(operation.parameters || [])].map((parameter) => this.resolve(parameter));
    return { ...operation, template: templates[0], parameters };
  }

  queryNames(operation) {
    return operation.parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
  }

  // All properties of a schema, those it inherits too.
  properties(schema) {
    const at = this.resolve(schema);
    return Object.assign({}, ...(at.allOf || []).map((part) => this.properties(part)), at.properties);
  }

  // The properties of the entity that an operation answers, of a list's rows; null when it answers none.
  answered(operation) {
    const reply = this.resolve(operation.responses['2XX'] || operation.responses['200']);
    const schema = reply?.content?.['application/json']?.schema;
    if (!schema) return null;
    const properties = this.properties(schema);
    return properties.value?.type === 'array' ? this.properties(properties.value.items) : properties;
  }

  // JSON schemas for ajv. The description requires @odata.type everywhere, the service sends it on derived types alone.
  static toJsonSchema(node) {
    if (Array.isArray(node)) return node.map(Description.toJsonSchema);
    if (!node || typeof node !== 'object') return node;
    const { nullable, discriminator, required, example, ...rest } = node;
    const out = {};
    for (const [key, value] of Object.entries(rest)) {
      if (key === '$ref') out.$ref = value.replace('#/components/schemas/', '#/definitions/');
      else if (!key.startsWith('x-')) out[key] = Description.toJsonSchema(value);
    }
    const kept = Array.isArray(required) ? required.filter((name) => name !== '@odata.type') : [];
    if (kept.length) out.required = kept;
    return nullable === true ? { anyOf: [out, { type: 'null' }] } : out;
  }

  // A function that gives what is wrong with a value of this type, [] when nothing.
  validator(type) {
    if (!this.ajv) {
      const Ajv = need('ajv').default;
      this.ajv = new Ajv({ strict: false, allErrors: true });
      need('ajv-formats').default(this.ajv);
      for (const format of ['int32', 'int64', 'base64url']) this.ajv.addFormat(format, true);
      this.ajv.addSchema({ $id: 'graph', definitions: Description.toJsonSchema(this.schemas) });
    }
    const validate = this.ajv.compile({ $ref: `graph#/definitions/${type}` });
    return (value) => (validate(value) ? [] : validate.errors.map((error) => `${error.instancePath} ${error.message}`));
  }
}
