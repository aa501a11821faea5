import { problem, type Route, routes } from "@endstation/api";
import apiReference from "@scalar/fastify-api-reference";
import type { FastifyInstance } from "fastify";
import { z } from "zod";

/** The API as OpenAPI 3.1, made from the same table that the server registers and the client calls. */
export function openApiDocument(publicUrl: string): Record<string, unknown> {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = paths[`/api/v1${route.path}`] ?? {};
    path[route.method.toLowerCase()] = operationOf(name, route, schemas);
    paths[`/api/v1${route.path}`] = path;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Endstation",
      version: "1",
      description:
        "Find an experiment's data and start an analysis session beside them. Scripts send `Authorization: Bearer est_…`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    paths: { ...paths, ...streams },
    components: {
      schemas,
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "An access token" } },
    },
  };
}

/** The calls of h5grove about the files of a dataset, which are not in the table: their answers are bytes of many types. */
const hdf5Calls = {
  meta: "What is at a path of an HDF5 file: a group with its members, a dataset, a type, a link",
  attr: "Values of attributes",
  data: "Values of a dataset or a part of it, as json, bin, npy, csv or tiff",
  stats: "Least, greatest, mean and spread of a dataset's values",
  paths: "Every path below a group",
};

function hdf5Path(call: string): string {
  return `/api/v1/datasets/{id}/hdf5/${call}`;
}

function hdf5Operation(call: string, summary: string) {
  const own =
    call === "data" ? ["selection", "format", "dtype", "flatten"] : call === "stats" ? ["selection"] : [];
  const more =
    call === "attr" ? ["attr_keys"] : call === "meta" || call === "paths" ? ["resolve_links"] : own;
  const query = ["file", "path", ...more].map((name) => ({
    ...{ name, in: "query", required: name === "file", schema: { type: "string" } },
  }));
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  const operationId = `hdf5${call[0]?.toUpperCase()}${call.slice(1)}`;
  return {
    get: { operationId, summary, parameters: [id, ...query], responses: { 200: { description: summary } } },
  };
}

const streams = {
  "/api/v1/events": {
    get: {
      operationId: "events",
      summary: "What changed, as server-sent events; resumable by Last-Event-ID",
      responses: { 200: { description: "A stream of hints", content: { "text/event-stream": {} } } },
    },
  },
  "/api/v1/datasets/{id}/files/{path}": {
    get: {
      operationId: "getDatafileBytes",
      summary: "The bytes of a file, as an attachment; Range and ETag are understood",
      parameters: ["id", "path"].map((name) => ({
        name,
        in: "path",
        required: true,
        schema: { type: "string" },
      })),
      responses: {
        200: { description: "The file" },
        206: { description: "A part of it" },
        304: { description: "Unchanged" },
      },
    },
  },
  ...Object.fromEntries(
    Object.entries(hdf5Calls).map(([call, summary]) => [hdf5Path(call), hdf5Operation(call, summary)]),
  ),
};

function operationOf(name: string, route: Route, schemas: Record<string, unknown>) {
  return {
    operationId: name,
    summary: route.summary,
    ...(route.needs === "nothing" ? { security: [] } : {}),
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(route.body, "input", schemas) } },
          },
        }),
    responses: {
      [route.status]: {
        description: route.summary,
        ...(route.answer === null
          ? {}
          : { content: { "application/json": { schema: schemaOf(route.answer, "output", schemas) } } }),
      },
      default: {
        description: "A problem",
        content: { "application/problem+json": { schema: schemaOf(problem, "output", schemas) } },
      },
    },
  };
}

function parametersOf(schema: z.ZodObject, where: "path" | "query") {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(json.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: where === "path" || (json.required ?? []).includes(name),
    schema: property,
  }));
}

/** A JSON Schema whose named parts (`.meta({ id })`) are collected under `components`. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Record<string, unknown>): unknown {
  const {
    $schema: _,
    $defs,
    ...json
  } = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline" }) as Record<string, unknown>;
  for (const [id, part] of Object.entries(($defs ?? {}) as Record<string, unknown>))
    schemas[id] ??= relocated(part);
  const id = typeof json["id"] === "string" ? json["id"] : null;
  if (id === null) return relocated(json);
  schemas[id] ??= relocated(json);
  return { $ref: `#/components/schemas/${id}` };
}

function relocated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocated);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === "id" && typeof inner === "string"))
      .map(([key, inner]) => [
        key,
        key === "$ref" && typeof inner === "string"
          ? inner.replace("#/$defs/", "#/components/schemas/")
          : relocated(inner),
      ]),
  );
}

/** `/openapi.json`, and `/docs` to browse it without a request to anybody else. */
export async function registerOpenApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  const document = openApiDocument(publicUrl);
  app.get("/openapi.json", async (_request, reply) => reply.send(document));
  await app.register(apiReference, {
    routePrefix: "/docs",
    configuration: {
      content: document,
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
}
