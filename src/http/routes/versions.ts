// Versions: list, show, promote.
import { unwrap } from "../../core/problems.ts";
import { answer, type Handlers, headOf } from "../call.ts";

export const versions: Handlers<"listVersions" | "getVersion" | "promoteVersion"> = {
  listVersions: async (call) => answer(unwrap(await headOf(call).listVersions(call.query))),
  getVersion: async (call) => answer(unwrap(await headOf(call).getVersion(call.params.version))),
  promoteVersion: async (call) => answer(unwrap(await headOf(call).promoteVersion(call.params.version))),
};
