// The version of the service, in GET /healthz. A test compares it with package.json.
export const VERSION = "0.1.0";
