// The interface of an object that stores responses for repeated Idempotency-Keys.

/** An Idempotency-Key, and the id of the request that claims it. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly owner: string;
}

export type IdempotencyVerdict =
  | { readonly kind: "run" }
  | { readonly kind: "running" }
  | { readonly kind: "answered"; readonly fingerprint: string; readonly answer: StoredAnswer };

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Stores responses for repeated Idempotency-Keys. */
export interface IdempotencyRpc {
  /** Claims the key for a request, or returns the state of the first request. */
  claimKey(claim: IdempotencyClaim): Promise<IdempotencyVerdict>;
  /** Extends the claim of a running request. */
  renewKey(claim: IdempotencyClaim): Promise<void>;
  /** Stores the response, with a digest of its request. */
  keepAnswer(claim: IdempotencyClaim, fingerprint: string, answer: StoredAnswer): Promise<void>;
  /** Releases the key: the request failed on the service's side and may be repeated. */
  dropKey(claim: IdempotencyClaim): Promise<void>;
}
