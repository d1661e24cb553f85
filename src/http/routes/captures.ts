// The review queue, and statistics of answers.
import type { Input } from "../../contract/inputs.ts";
import { unwrap } from "../../core/problems.ts";
import { answer, noContent } from "../answer.ts";
import { type Handlers, headOf } from "../call.ts";
import { loggedInput } from "../serving/logged-input.ts";
import { addOne } from "../uploads/add-one.ts";

type Operations = "listCaptures" | "labelCapture" | "deleteCapture" | "giveFeedback" | "getStats";

export const captures: Handlers<Operations> = {
  listCaptures: async (call) => answer(unwrap(await headOf(call).listCaptures(call.query))),

  // The capture is deleted last: a labelling that was interrupted can be repeated, and finds the example unchanged. If another
  // caller labelled it in the meantime, the capture is already deleted, and this later label counts.
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

  giveFeedback: async (call) => {
    const { input: given, prediction, ...target } = call.body;
    const input = prediction === undefined ? (given as Input) : await loggedInput(call, prediction);
    return answer(await addOne(call, { input, target, source: "feedback" }));
  },

  getStats: async (call) => answer(unwrap(await headOf(call).stats())),
};
