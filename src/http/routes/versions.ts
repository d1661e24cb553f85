// Versions: list, show, promote, verify, and export as files.
import type { HeadRpc } from "../../contract/rpc.ts";
import type { Verification } from "../../contract/versions.ts";
import { makeId } from "../../core/ids.ts";
import { Fault, PROBLEMS, type ProblemCode, unwrap } from "../../core/problems.ts";
import { systemRandom } from "../../core/random.ts";
import { type Handlers, headOf } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";
import { forgetHead } from "../serving/replicas.ts";
import { versionFiles } from "./version-files.ts";

type Operations =
  | ("listVersions" | "getVersion" | "deleteVersion" | "promoteVersion" | "verifyVersion")
  | ("setTraffic" | "getTraffic" | "rollback")
  | ("exportVersion" | "importVersion");

export const versions: Handlers<Operations> = {
  ...versionFiles,
  listVersions: async (call) => answer(unwrap(await headOf(call).listVersions(call.query))),
  getVersion: async (call) => answer(unwrap(await headOf(call).getVersion(call.params.version))),
  deleteVersion: async (call) => {
    unwrap(await headOf(call).deleteVersion(call.params.version));
    forgetHead(call);
    return noContent();
  },
  promoteVersion: async (call) => answer(changed(call, unwrap(await headOf(call).promoteVersion(call.params.version)))),
  setTraffic: async (call) => answer(changed(call, unwrap(await headOf(call).setTraffic(call.body)))),
  getTraffic: async (call) => answer(unwrap(await headOf(call).getTraffic())),
  rollback: async (call) => answer(changed(call, unwrap(await headOf(call).rollback()))),

  verifyVersion: async (call) => {
    const head = headOf(call);
    const started = unwrap(await head.verifyVersion(call.params.version, makeId("job", systemRandom)));
    return answer("verdict" in started ? started.verdict : await verdictOf(head, started.job));
  },
};

/** Drops the cached state of a head after a change, so that the next prediction in this Worker uses the new one. */
function changed<T>(call: Parameters<typeof forgetHead>[0], value: T): T {
  forgetHead(call);
  return value;
}

/** Waits for the job to end, some seconds at a time. The job continues if the caller disconnects. */
async function verdictOf(head: HeadRpc, job: string): Promise<Verification> {
  for (let after = 0, ended = false; !ended; ) {
    const read = unwrap(await head.nextJobEvents(job, after));
    after = read.events.at(-1)?.id ?? after;
    ended = read.ended;
  }
  const { verification, status, error } = unwrap(await head.getJob(job));
  if (verification) return verification;
  const code = error && error.code in PROBLEMS ? (error.code as ProblemCode) : "job_ended";
  throw new Fault(code, error?.detail ?? `Job ${job}, which verified the version, was ${status}`);
}
