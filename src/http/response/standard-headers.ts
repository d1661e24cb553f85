// Header fields of every response. SECURITY: a response is only for its caller, so no cache may store it, and no browser may
// guess another content type.

export const standardFields = (requestId: string): Record<string, string> => ({
  "X-Request-Id": requestId,
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
});
