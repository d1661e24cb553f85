// The fields of every answer. SECURITY: an answer is for its caller alone, so nothing on the way keeps it, and no browser
// guesses another type than it has.

export const standardFields = (requestId: string): Record<string, string> => ({
  "X-Request-Id": requestId,
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
});
