import { z } from "zod";
import type { ReaderLine } from "./reading.ts";

/** The output of a reader process is as untrusted as the file it read: strictly this shape, nothing longer. */
const text = (most: number) => z.string().max(most);
const number = z.number();
const values = (most: number) => z.array(number.nullable()).max(most);
const scale = z.enum(["linear", "log"]);

const axis = z.strictObject({ label: text(300), unit: text(300).nullable(), values: values(500), scale });

export const filePlot = z.discriminatedUnion("shape", [
  z.strictObject({ shape: z.literal("curve"), title: text(600), x: axis, y: axis }),
  z
    .strictObject({
      shape: z.literal("image"),
      title: text(600),
      width: z.int().min(1).max(200),
      height: z.int().min(1).max(200),
      values: values(40_000),
      scale,
    })
    .refine((image) => image.values.length === image.width * image.height, "not width × height values"),
  z.strictObject({ shape: z.literal("none"), why: text(1000) }),
]);

const reading = z.strictObject({
  problem: text(600).nullable(),
  remarks: z.array(text(600)).max(10),
  title: text(600).nullable(),
  startTime: text(100).nullable(),
  endTime: text(100).nullable(),
  instrument: text(300).nullable(),
  definitions: z.array(text(100)).max(8),
  sample: z.strictObject({ name: text(600), description: text(1000).nullable() }).nullable(),
  parameters: z
    .array(
      z.strictObject({
        name: text(200),
        value: z.union([number, text(600), z.array(number).max(16)]),
        unit: text(100).nullable(),
      }),
    )
    .max(60),
  plot: filePlot,
});

const line = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ begin: text(8192) }),
  z.strictObject({ path: text(8192), reading }),
]);

export const fileReading = reading;

/** A line of output; null when it is none that a reader writes. */
export function readerLine(textLine: string): ReaderLine | null {
  try {
    const parsed = line.safeParse(JSON.parse(textLine));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
