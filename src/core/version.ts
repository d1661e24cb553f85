// The version of the service, as GET /healthz tells it; a test holds it against package.json.
export const VERSION = "0.1.0";
