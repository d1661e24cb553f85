// Keys of files in the bucket: the head's prefix, the input's digest, and the number of the copy.
import type { BucketCopy } from "../../tables/files.ts";
import type { HeadStore } from "../store.ts";

export const keyOf = ({ config }: HeadStore, { digest, id }: BucketCopy): string => `${config.files}${digest}-${id}`;
