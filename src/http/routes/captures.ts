// The review queue, and what came of answers.
import type { Input } from "../../contract/inputs.ts";
import { unwrap } from "../../core/problems.ts";
import { answer, noContent } from "../answer.ts";
import { type Handlers, headOf } from "../call.ts";
import { addOne } from "../uploads/add-one.ts";

export const captures: Handlers<"listCaptures" | "labelCapture" | "deleteCapture" | "getStats"> = {
  listCaptures: async (call) => answer(unwrap(await headOf(call).listCaptures(call.query))),

  // The queue forgets last: a labelling that died halfway can be repeated, and finds the example unchanged. Whoever labelled
  // it meanwhile has made the queue forget it already: this label is the later one, and stands.
  labelCapture: async (call) => {
    const head = headOf(call);
    const { input } = unwrap(await head.getCapture(call.params.id));
    const result = await addOne(call, { input: input as Input, target: call.body, source: "capture" });
    await head.deleteCapture(call.params.id);
    return answer(result);
  },

  deleteCapture: async (call) => {
    unwrap(await headOf(call).deleteCapture(call.params.id));
    return noContent();
  },

  getStats: async (call) => answer(unwrap(await headOf(call).stats())),
};
