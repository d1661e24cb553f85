// Jobs: start, watch, cancel.
import { isTerminal } from "../../contract/jobs.ts";
import { makeId } from "../../core/ids.ts";
import { unwrap } from "../../core/problems.ts";
import { systemRandom } from "../../core/random.ts";
import { type Handlers, headOf } from "../request/call.ts";
import { answer } from "../response/answer.ts";
import { eventStream } from "../response/server-sent-events.ts";
import { forgetHead } from "../serving/replicas.ts";

export const jobs: Handlers<"startJob" | "listJobs" | "getJob" | "cancelJob" | "watchJob"> = {
  startJob: async (call) => {
    const { recipe = "auto", seed = 0, options = {}, promote, rare_labels: rareLabels } = call.body;
    const id = makeId("job", systemRandom);
    const job = unwrap(await headOf(call).startJob({ id, recipe, seed, options, promote, rareLabels }));
    return answer(job, 202, { Location: `/v1/heads/${call.params.head}/jobs/${job.id}` });
  },

  listJobs: async (call) => answer(unwrap(await headOf(call).listJobs(call.query))),

  getJob: async (call) => {
    const job = unwrap(await headOf(call).getJob(call.params.job));
    if (isTerminal(job.status)) forgetHead(call); // its version may be live: later predictions must use it
    return answer(job);
  },

  cancelJob: async (call) => answer(unwrap(await headOf(call).cancelJob(call.params.job))),

  watchJob: async (call) => {
    const head = headOf(call);
    if (!call.request.headers.get("Accept")?.includes("text/event-stream")) {
      return answer(unwrap(await head.listJobEvents(call.params.job, call.query)));
    }
    unwrap(await head.getJob(call.params.job)); // a missing job gives a problem document, not a broken stream
    const next = async (after: number) => {
      const outcome = await head.nextJobEvents(call.params.job, after);
      if (outcome.ok && outcome.value.ended) forgetHead(call);
      return outcome;
    };
    return eventStream(next, call.request);
  },
};
