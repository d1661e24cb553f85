// The review queue, and statistics of answers.
import type { Input } from "../../contract/inputs.ts";
import { unwrap } from "../../core/problems.ts";
import { type Handlers, headOf } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";
import { loggedInput } from "../serving/logged-input.ts";
import { addOne } from "../uploads/add-one.ts";
import { withFeedback } from "../uploads/feedback-body.ts";
import { uploadTargetOf } from "../uploads/upload-target.ts";

type Operations = "listCaptures" | "labelCapture" | "deleteCapture" | "giveFeedback" | "getStats";

export const captures: Handlers<Operations> = {
  listCaptures: async (call) => answer(unwrap(await headOf(call).listCaptures(call.query))),

  // The capture is deleted last: a labelling that was interrupted can be repeated, and finds the example unchanged. If another
  // caller labelled it in the meantime, the capture is already deleted, and this later label counts.
  labelCapture: async (call) => {
    const head = headOf(call);
    const into = await uploadTargetOf(call, "capture");
    const { input } = unwrap(await head.getCapture(call.params.id));
    const result = await addOne(into, input as Input, call.body);
    await head.deleteCapture(call.params.id);
    return answer(result);
  },

  deleteCapture: async (call) => {
    unwrap(await headOf(call).deleteCapture(call.params.id));
    return noContent();
  },

  giveFeedback: async (call) => {
    const into = await uploadTargetOf(call, "feedback");
    return withFeedback(call.request, into.backbone.modality, async ({ input: given, prediction, ...fields }) => {
      const input = prediction === undefined ? (given as Input) : await loggedInput(call, prediction);
      return answer(await addOne(into, input, fields));
    });
  },

  getStats: async (call) => answer(unwrap(await headOf(call).stats())),
};
