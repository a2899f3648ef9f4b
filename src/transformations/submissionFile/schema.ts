import { SUBMISSION_FIELDS } from './fields.ts';
import type { Fields, Shape, TextShape } from './shape.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The JSON schema (draft 7) of submission files, made of the table that the checks follow. */
export function submissionFileSchema(fields = SUBMISSION_FIELDS): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'PanDA submission',
    description: 'Describes jobs to be submitted to PanDA; see docs/submission-file.md.',
    ...ofFields(fields),
  };
}

function ofFields(fields: Fields): Schema {
  const required = Object.entries(fields).flatMap(([key, field]) => (field.required === true ? [key] : []));
  const properties = Object.entries(fields).map(([key, { shape, help }]) => [
    key,
    { description: help.replaceAll('`', ''), markdownDescription: help, ...ofShape(shape) },
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties) as Schema,
  };
}

function ofShape(shape: Shape): Schema {
  switch (shape.kind) {
    case 'text':
      return ofText(shape);
    case 'count':
      return { type: 'integer', minimum: shape.least, maximum: shape.most };
    case 'number':
      return { type: 'number' };
    case 'list':
      return {
        type: 'array',
        items: ofShape(shape.of),
        maxItems: shape.most,
        ...(shape.least === undefined ? {} : { minItems: shape.least }),
      };
    case 'oneOrMore':
      return {
        anyOf: [ofShape(shape.of), ofShape({ kind: 'list', of: shape.of, most: shape.most, least: 1 })],
      };
    case 'record':
      return {
        type: 'object',
        propertyNames: { pattern: shape.name.source },
        additionalProperties: ofShape(shape.of),
      };
    case 'fields':
      return ofFields(shape.fields);
    case 'fieldsOr':
      return { anyOf: [ofFields(shape.fields), ofShape(shape.other)] };
  }
}

/** Where a text is wanted YAML may have read a number or a yes; that is taken as it is written. */
function ofText({ most, pattern, choices, bareNumber }: TextShape): Schema {
  if (choices !== undefined) return { enum: choices };
  const text = { maxLength: most, ...(pattern === undefined ? {} : { pattern: pattern.source }) };
  if (bareNumber === undefined) return { type: ['string', 'number', 'boolean'], ...text };
  return {
    anyOf: [
      { type: bareNumber, exclusiveMinimum: 0, maximum: 999_999_999 },
      { type: 'string', ...text },
    ],
  };
}
