import { packed } from "./bytes.ts";
import { entityAt } from "./entity.ts";
import { csvOf, npyOf, tiffOf } from "./export.ts";
import { listOf, textOf, tooLong } from "./json.ts";
import type { Question } from "./messages.ts";
import { attributeNames, metaOf, pathsOf } from "./meta.ts";
import { statsOf, viewOf } from "./numbers.ts";
import { behindLinks, type OpenFile, openFile } from "./open-file.ts";
import { bounds, Refusal } from "./refusal.ts";
import { attributeValues, type Values, valuesOf } from "./values.ts";

/** Bytes to send, and what they need to stay valid until they are sent. */
export interface Answer {
  readonly type: string;
  readonly name: string | null;
  readonly parts: readonly Uint8Array[];
  release(): void;
}

/** @throws Refusal when there is no answer. */
export function answerTo(root: string, question: Question): Answer {
  const named = openFile(root, question.file);
  const { resolveLinks } = question;
  if (question.call === "meta") return json(JSON.stringify(metaOf(named, question.path, resolveLinks)));
  if (question.call === "paths") return json(JSON.stringify(pathsOf(named, question.path, resolveLinks)));
  const [file, path] = behindLinks(root, named, question.path);
  switch (question.call) {
    case "attr":
      return json(attributesText(file, { ...question, path }));
    case "stats":
      return json(used(datasetValues(file, { ...question, path }), statsOf));
    case "data":
      return dataOf(datasetValues(file, { ...question, path }), question);
  }
}

function json(text: string): Answer {
  const bytes = Buffer.from(text);
  if (bytes.length > bounds.answer) throw new Refusal("too-large", tooLong);
  return { type: "application/json", name: null, parts: [bytes], release() {} };
}

function datasetValues(file: OpenFile, { path, selection }: Question): Values {
  const { kind } = entityAt(file, path, "only_valid");
  if (kind !== "dataset") throw new Refusal("wrong", `${path} is not a dataset`);
  return valuesOf(file, path, selection);
}

function attributesText(file: OpenFile, { path, attributes }: Question): string {
  const { kind } = entityAt(file, path, "only_valid");
  if (kind === "soft_link" || kind === "external_link")
    throw new Refusal("wrong", `${path} is not a resolved entity`);
  const there = attributeNames(file, path);
  const unknown = attributes?.find((name) => !there.includes(name));
  if (unknown !== undefined) throw new Refusal("absent", `${path} has no attribute ${unknown}`);
  const texts = [...new Set(attributes ?? there)].map((name) => {
    const text = used(attributeValues(file, path, name), (values) => valuesText(values, false, "origin"));
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${texts.join(",")}}`;
}

function used<Result>(values: Values, use: (values: Values) => Result): Result {
  try {
    return use(values);
  } finally {
    values.release();
  }
}

function dataOf(values: Values, { format, dtype, flatten }: Question): Answer {
  if (format === "json") {
    // As in h5grove, what no browser has an array for is refused in this form too.
    if (dtype === "safe") packed(values, dtype);
    return json(used(values, () => valuesText(values, flatten, dtype)));
  }
  try {
    return { ...encoded(values, format, dtype), release: () => values.release() };
  } catch (error) {
    values.release();
    throw error;
  }
}

function encoded(values: Values, format: Exclude<Question["format"], "json">, dtype: Question["dtype"]) {
  switch (format) {
    case "bin":
      return { type: "application/octet-stream", name: null, parts: [packed(values, dtype).bytes] };
    case "npy":
      return { type: "application/octet-stream", name: "data.npy", parts: npyOf(values, dtype) };
    case "csv":
      return { type: "text/csv", name: "data.csv", parts: csvOf(values) };
    case "tiff":
      return { type: "image/tiff", name: "data.tiff", parts: tiffOf(values, dtype) };
  }
}

function valuesText(values: Values, flatten: boolean, dtype: Question["dtype"]): string {
  const { shape, type } = values;
  if (shape === null) return "null";
  const elements = shape.reduce((product, length) => product * length, 1);
  if (elements > bounds.elements) throw new Refusal("too-large", tooLong);
  const isPlain = values.order !== ">" || shape.length === 0 || dtype === "safe";
  const text = textOf(type, isPlain);
  const view = viewOf(values);
  const levels = flatten && shape.length > 0 ? [elements] : shape;
  return listOf(levels, (index) => text(view, index * type.size));
}
