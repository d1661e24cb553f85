// The object of the benches: receives a feature set block by block, and runs operations on it by name.
import { DurableObject } from "cloudflare:workers";
import { bootTensor, heapBytes } from "../../../src/tensor/boot.ts";
import type { Params } from "../ops/operation.ts";
import { operations } from "../ops/registry.ts";
import { type SetMeta, StoredSet } from "./stored-set.ts";

export class BenchObject extends DurableObject {
  readonly #stored = new StoredSet(this.ctx.storage);

  /** PUT /meta, PUT /blocks/{part}/{number}?rows=, POST /run. */
  override async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await this.#answer(request, new URL(request.url)));
    } catch (error) {
      return Response.json({ error: (error as Error).stack ?? String(error) }, { status: 500 });
    }
  }

  async #answer(request: Request, { pathname, searchParams }: URL): Promise<object> {
    const [, verb, part, number] = pathname.split("/");
    if (verb === "meta") return this.#stored.describe(await request.json<SetMeta>());
    if (verb === "run") return this.#run(await request.json<Params & { op: string }>());
    if (verb !== "blocks" || (part !== "train" && part !== "test")) throw new Error(`No such thing: ${pathname}`);
    const bytes = await request.arrayBuffer();
    return this.#stored.insert(part, Number(number), Number(searchParams.get("rows")), bytes);
  }

  async #run({ op, ...params }: Params & { op: string }): Promise<object> {
    const operation = operations[op];
    if (!operation) throw new Error(`No operation "${op}"; there are ${Object.keys(operations).join(", ")}`);
    await bootTensor();
    return { result: await operation(this.#stored, params), heap_bytes: heapBytes() };
  }
}
