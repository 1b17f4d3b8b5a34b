export type JsonObject = Record<string, unknown>;

/** Whether something out of a notebook or a message has keys. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of an object, and an empty one of anything else. */
export function copyOf(value: unknown): JsonObject {
  return isJsonObject(value) ? { ...value } : {};
}
