import type { OpenAPIHono } from '@hono/zod-openapi'
import { type FieldShown, fieldsOf, type Schema, type TypeShown, typeOf } from './guide-types.js'

/** The OpenAPI document as a page shows it: in its order, and with types as words. */

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

export interface Guide {
  readonly version: string
  readonly paragraphs: readonly string[]
  readonly sections: readonly Section[]
  readonly schemas: readonly SchemaShown[]
}

export interface Section {
  readonly name: string
  readonly meaning: string
  readonly operations: readonly OperationShown[]
}

export interface OperationShown {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly paragraphs: readonly string[]
  readonly parameters: readonly ParameterShown[]
  readonly answers: readonly AnswerShown[]
  /** Path and query. */
  readonly example: string
}

interface ParameterShown extends FieldShown {
  readonly place: string
  readonly isRequired: boolean
}

interface AnswerShown {
  readonly status: string
  readonly meaning: string
  readonly contents: readonly { readonly mediaType: string; readonly type: TypeShown }[]
}

export interface SchemaShown {
  readonly name: string
  readonly meaning: string
  /** The members of a closed list; empty for an object. */
  readonly words: readonly string[]
  readonly fields: readonly FieldShown[]
}

type Operation = NonNullable<NonNullable<ApiDocument['paths']>[string]['get']>

export function guideOf(document: ApiDocument): Guide {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, { get }]) =>
    get === undefined ? [] : [{ path, operation: get }],
  )
  const schemas = document.components?.schemas ?? {}
  const meaningOf = (name: string): string => textOf(schemas[name]?.description)
  return {
    version: document.info.version,
    paragraphs: paragraphsOf(document.info.description),
    sections: (document.tags ?? []).map(({ name, description }) => ({
      name,
      meaning: textOf(description),
      operations: operations
        .filter(({ operation }) => operation.tags?.includes(name) === true)
        .map(({ path, operation }) => shown(path, operation)),
    })),
    schemas: Object.entries(schemas)
      .map(([name, schema]) => schemaShown(name, schema, meaningOf))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  }
}

function shown(path: string, operation: Operation): OperationShown {
  const example: unknown = operation['x-example']
  return {
    id: textOf(operation.operationId),
    method: 'GET',
    path,
    summary: textOf(operation.summary),
    paragraphs: paragraphsOf(operation.description),
    parameters: (operation.parameters ?? []).flatMap((parameter) => {
      if ('$ref' in parameter) return []
      const { name, in: place, required = false, schema = {}, description } = parameter
      return [{ name, place, isRequired: required, type: typeOf(schema), meaning: textOf(description) }]
    }),
    answers: Object.entries(operation.responses ?? {}).map(([status, answer]) => answerShown(status, answer)),
    example: typeof example === 'string' ? example : path,
  }
}

function answerShown(status: string, answer: NonNullable<Operation['responses']>[string]): AnswerShown {
  const content: Readonly<Record<string, { readonly schema?: Schema }>> = answer.content ?? {}
  const contents = Object.entries(content).map(([mediaType, { schema = {} }]) => ({ mediaType, type: typeOf(schema) }))
  return { status, meaning: textOf(answer.description), contents }
}

function schemaShown(name: string, schema: Schema, meaningOf: (name: string) => string): SchemaShown {
  const words = (schema.enum ?? []).map(String)
  return { name, meaning: textOf(schema.description), words, fields: fieldsOf(schema, meaningOf) }
}

function paragraphsOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('\n\n')
}

function textOf(text: string | undefined): string {
  return text ?? ''
}
