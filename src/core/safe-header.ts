// Selects the request headers that a mapping may read and that are stored with a failed delivery.

/** SECURITY: names of headers that carry credentials or signatures, or say where a request came from. */
const UNSAFE = [
  /(^|[-_])(auth|authorization|authentication|authenticate)([-_]|$)/,
  /cookie|signature|token|secret|passw|credential|jwt|session|hmac|csrf|(api|access)[-_]?key|(^|[-_])(sig|sign)([-_]|$)/,
  /^(cf-|x-forwarded-|x-real-ip$|true-client-ip$|forwarded$|via$)/,
];

export function isSafeHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return !UNSAFE.some((pattern) => pattern.test(lower));
}
