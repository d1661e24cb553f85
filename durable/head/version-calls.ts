// Calls about a head itself, its versions, and which of them answer.
import type { HeadCalls } from "./calls.ts";
import { startVerification } from "./jobs.ts";
import { promoteVersion, rollBack, setTraffic, viewOfTraffic } from "./live.ts";
import { askTenant } from "./use.ts";
import { listVersions, readVersion, viewOfVersion } from "./versions.ts";
import { updateHead, viewOfHead } from "./view.ts";

export const versionCalls: HeadCalls<
  | ("describe" | "update" | "listVersions" | "getVersion" | "readVersion" | "verifyVersion")
  | ("promoteVersion" | "setTraffic" | "getTraffic" | "rollback")
> = {
  describe: ({ store }) => viewOfHead(store),
  update: ({ store }, patch) => updateHead(store, patch),
  listVersions: ({ store }, page) => listVersions(store, page),
  getVersion: ({ store }, version) => viewOfVersion(store, version),
  readVersion: ({ store }, version) => readVersion(store, version),
  promoteVersion: ({ store }, version) => promoteVersion(store, version),
  setTraffic: ({ store }, body) => setTraffic(store, body),
  getTraffic: ({ store }) => viewOfTraffic(store),
  rollback: ({ store }) => rollBack(store),
  verifyVersion: async (tools, version, job) => {
    await askTenant(tools);
    return startVerification(tools.store, version, job, tools.now());
  },
};
