import {
  encodeStateAsUpdate,
  encodeStateVector,
  type Array as YArray,
  Map as YMap,
  Text as YText,
} from "yjs";
import { joinRoom, syncMessage } from "../../../packages/server/src/gateway/testing/shared-document.ts";
import { frames } from "../lines.ts";
import type { FrameMessage, Protocol } from "../protocol.ts";

const binary = (data: Buffer): FrameMessage => ({ kind: "frame", data, isBinary: true });

const text = (value: string) => [value.length, ...Buffer.from(value)];

/** A presence: how many, client, its clock, its state. */
const presence = (state: string) => {
  const inner = [1, 7, 1, ...text(state)];
  return Buffer.from([1, inner.length, ...inner]);
};

/** The shared document: what a page says that joins it, writes into it and saves it. */
export const room: Protocol = {
  name: "notebook document",
  line: async ({ reach }, sender) => frames(reach.port, reach.ways[sender], reach.room),
  recorded: async ({ reach }) => {
    const { doc, close } = await joinRoom(reach.port, reach.ways.viewer, reach.room);
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    close();
    const cells = doc.getArray("cells") as YArray<YMap<unknown>>;
    (cells.get(0).get("source") as YText).insert(0, "written by the viewer");
    cells.get(0).set("metadata", new YMap([["editable", false]]));
    cells.insert(0, [
      new YMap<unknown>([
        ["cell_type", "raw"],
        ["source", new YText("a cell of the viewer's")],
      ]),
    ]);
    cells.delete(1, 1);
    doc.getMap("meta").set("metadata", { changed: true });
    doc.getMap("state").set("dirty", true);
    return [
      ...updates.map((update) => binary(syncMessage(2, update))),
      binary(syncMessage(1, encodeStateAsUpdate(doc))),
      binary(syncMessage(0, encodeStateVector(doc))),
      ...[`{"autosave":false}`, `"a string"`, `{"user":{"name":"somebody"}}`, "null"].map((one) =>
        binary(presence(one)),
      ),
      binary(Buffer.from([2, ...text("save"), 1])),
      binary(Buffer.from([3])),
    ];
  },
};
