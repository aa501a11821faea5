import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hint } from "@endstation/api";

/** The event stream as the portal sends it: numbered, resumable, `reset` when too much was missed. */
export class EventHub {
  readonly #open = new Set<ServerResponse>();
  readonly #sent: Hint[] = [];

  get size(): number {
    return this.#open.size;
  }

  open(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const last = request.headers["last-event-id"];
    if (last === undefined) response.write(`id: ${this.#sent.length}\nevent: hello\ndata: {}\n\n`);
    else
      for (const [index, hint] of this.#sent.entries())
        if (index >= Number(last)) write(response, index + 1, hint);
    this.#open.add(response);
    response.on("close", () => this.#open.delete(response));
  }

  send(hint: Hint): void {
    this.#sent.push(hint);
    for (const response of this.#open) write(response, this.#sent.length, hint);
  }

  close(): void {
    for (const response of this.#open) response.end();
  }
}

function write(response: ServerResponse, number: number, hint: Hint): void {
  response.write(`id: ${number}\ndata: ${JSON.stringify(hint)}\n\n`);
}
