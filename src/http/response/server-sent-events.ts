// Events of a job as Server-Sent Events (WHATWG HTML, section 9.2): ids allow resuming, comments keep the connection open.
import type { JobEvent } from "../../contract/jobs.ts";
import { utf8 } from "../../core/bytes.ts";
import type { Outcome } from "../../core/problems.ts";
import { streamOf } from "./stream.ts";

type NextEvents = (after: number) => Promise<Outcome<{ events: JobEvent[]; ended: boolean }>>;

/** Streams events until the job has ended, starting after `Last-Event-ID`. */
export function eventStream(next: NextEvents, request: Request): Response {
  const last = request.headers.get("Last-Event-ID") ?? "";
  const stream = streamOf(eventLines(next, /^\d{1,15}$/.test(last) ? Number(last) : 0));
  return new Response(stream, { headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" } });
}

async function* eventLines(next: NextEvents, after: number): AsyncGenerator<Uint8Array> {
  for (let ended = false, last = after; !ended; ) {
    const outcome = await next(last);
    if (!outcome.ok) return; // the head was deleted, so the job will not end
    const read = outcome.value;
    yield utf8(read.events.length > 0 ? read.events.map(eventText).join("") : ": waiting\n\n");
    last = read.events.at(-1)?.id ?? last;
    ended = read.ended;
  }
}

const eventText = ({ id, type, data, created_at }: JobEvent): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ ...data, created_at })}\n\n`;
