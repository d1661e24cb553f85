// The parameters of a head's maintenance.

export interface UpkeepTools {
  readonly now: number;
  readonly bucket: R2Bucket | null;
  /** Lets other requests in. */
  readonly turn: () => Promise<void>;
  /** False once the head was deleted. */
  readonly isCurrent: () => boolean;
}
