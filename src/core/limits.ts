// Every limit of the service that a caller can reach: one file per room, with unit and reason.
import { FILE_LIMITS } from "./limits/files.ts";
import { HEAD_LIMITS } from "./limits/heads.ts";
import { IMAGE_LIMITS } from "./limits/images.ts";
import { REQUEST_LIMITS } from "./limits/requests.ts";
import { SERVING_LIMITS } from "./limits/serving.ts";
import { SOUND_LIMITS } from "./limits/sounds.ts";
import { STORAGE_LIMITS } from "./limits/storage.ts";
import { TENANT_LIMITS } from "./limits/tenants.ts";
import { TEXT_LIMITS } from "./limits/texts.ts";
import { TRAINING_LIMITS } from "./limits/training.ts";
import { UPLOAD_LIMITS } from "./limits/uploads.ts";
import { WEBHOOK_LIMITS } from "./limits/webhooks.ts";

export { DELIVERY } from "./limits/deliveries-out.ts";

export const LIMITS = {
  ...FILE_LIMITS,
  ...HEAD_LIMITS,
  ...IMAGE_LIMITS,
  ...REQUEST_LIMITS,
  ...SERVING_LIMITS,
  ...SOUND_LIMITS,
  ...STORAGE_LIMITS,
  ...TENANT_LIMITS,
  ...TEXT_LIMITS,
  ...TRAINING_LIMITS,
  ...UPLOAD_LIMITS,
  ...WEBHOOK_LIMITS,
} as const;

/** Most labels that a head of this dimension can be trained on. */
export const mostLabels = (dimension: number): number =>
  Math.min(LIMITS.labelsPerHead, Math.floor(LIMITS.headParameters / dimension));
