// What an account keeps of the heads that requests name, before anything has validated the names.
import { expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { Account } from "../../src/http/metering/account.ts";

const newAccount = () => new Account({ tenant: "t", space: "s" }, { now: () => 0, wait: () => Promise.resolve() });

it("an account counts a name that no head can have together with requests without a head", () => {
  const account = newAccount();
  expect(account.counts("x".repeat(LIMITS.slugChars + 1))).toBe(account.counts(""));
  expect(account.counts("x".repeat(LIMITS.slugChars))).not.toBe(account.counts(""));
});

it("an account counts heads above its limit together with requests without a head", () => {
  const account = newAccount();
  const counts = Array.from({ length: LIMITS.headsCounted }, (_, i) => account.counts(`head-${i}`));
  expect(new Set(counts).size).toBe(LIMITS.headsCounted);
  expect(account.counts("one-more")).toBe(account.counts(""));
  expect(account.counts("head-0")).toBe(counts[0]);
});
