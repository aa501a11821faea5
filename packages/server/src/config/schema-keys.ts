import { z } from "zod";

/** A part of a JSON Schema, as far as the configuration's schema has such parts. */
export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly format?: string;
}

export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
}

/** The keys that may stand at a place of the file; where there is a choice, those of the kind that the file chose. */
export function keysAt(
  schema: z.ZodType,
  path: readonly (string | number)[],
  value: unknown,
): readonly string[] {
  let [shape, here]: [Shape | undefined, unknown] = [shapeOf(schema), value];
  for (const part of path) {
    shape = typeof part === "number" ? chosen(shape)?.items : chosen(shape, here)?.properties?.[part];
    here =
      typeof here === "object" && here !== null
        ? (here as Record<string | number, unknown>)[part]
        : undefined;
  }
  return Object.keys(chosen(shape, here)?.properties ?? {});
}

function chosen(shape: Shape | undefined, value?: unknown): Shape | undefined {
  const choices = shape?.oneOf ?? shape?.anyOf;
  if (choices === undefined) return shape;
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  return choices.find((choice) => choice.properties?.["type"]?.const === type) ?? choices[0];
}
