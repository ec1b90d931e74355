/** zod's schemas as the JSON Schema of OpenAPI 3.1: shared shapes by reference, keys that must be there named by their object. */
import { z } from 'zod'

export type JsonSchema = Record<string, unknown>

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What `z.int()` says of every number is no news to a reader. */
const isNoise = (key: string, value: unknown): boolean =>
  (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) ||
  (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) ||
  key === '$schema' ||
  key === '$defs' ||
  (key === 'additionalProperties' && isObject(value) && Object.keys(value).length === 0) ||
  (key === 'required' && typeof value === 'boolean')

/** `required: true` of a property is how an input marks itself; JSON Schema wants a list of names at the object. */
function requiredOf({ required, properties }: JsonSchema): readonly string[] {
  const listed = Array.isArray(required) ? (required as string[]) : []
  const marked = Object.entries(isObject(properties) ? properties : {})
    .filter(([, schema]) => isObject(schema) && schema.required === true)
    .map(([name]) => name)
  return [...new Set([...listed, ...marked])]
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([key, of]) => !isNoise(key, of))
  const tidied = Object.fromEntries(
    entries.map(([key, of]) => [key, key === '$ref' ? reference(of) : tidy(of)]),
  )
  const required = 'properties' in value ? requiredOf(value) : []
  return required.length > 0 ? { ...tidied, required } : tidied
}

const reference = (ref: unknown): string => String(ref).replace('#/$defs/', '#/components/schemas/')

/** Turns schemas into JSON Schema, and gathers in `components` what they share. */
export function schemaWriter(components: Record<string, JsonSchema>) {
  return (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
    for (const [name, shared] of Object.entries(isObject(made.$defs) ? made.$defs : {})) {
      components[name] = tidy(shared) as JsonSchema
    }
    return tidy(made) as JsonSchema
  }
}
export type SchemaWriter = ReturnType<typeof schemaWriter>
