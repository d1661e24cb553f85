// The API reference: the OpenAPI document, which the build generates from the contract, and the page that shows it, made of
// files in this deployment.
import type { Hono } from "hono";
import { toBase64, utf8 } from "../core/bytes.ts";
import { readEnv } from "../env.ts";
import type { AppTypes } from "./mount.ts";
import { dropUnread } from "./request/body.ts";
import { newRequestId } from "./request/request-id.ts";
import { finished } from "./response/answer.ts";

/** Mounts both. They are not routes of the contract, because they describe it. */
export function mountReference(app: Hono<AppTypes>): void {
  app.get("/openapi.json", async (context) => {
    await dropUnread(context.req.raw);
    const file = await readEnv(context.env).assets.fetch(new URL("/reference/openapi.json", context.req.url));
    if (!file.ok) throw new Error(`The assets of this deployment answered ${file.status} for the OpenAPI document`);
    const headers = { "Content-Type": "application/json" };
    return finished(new Response(await file.text(), { headers }), newRequestId());
  });
  app.get("/docs", async (context) => {
    await dropUnread(context.req.raw);
    const fields = { "Content-Security-Policy": await referencePolicy() };
    return finished(await context.html(referencePage), newRequestId(), fields);
  });
}

const OPEN_REFERENCE =
  'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", deepLinking: true, defaultModelsExpandDepth: 0, validatorUrl: null });';

/**
 * Content-Security-Policy of the page: files of this deployment, and its inline script by digest. Inline styles are allowed,
 * because Swagger UI writes some into its elements. "Try it out" calls only this service.
 */
async function referencePolicy(): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(OPEN_REFERENCE)));
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${toBase64(digest)}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Swagger UI for /openapi.json. The build copies its files from npm; this deployment serves them. */
const referencePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>lastlayer API</title>
<link rel="stylesheet" href="/reference/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/reference/swagger-ui-bundle.js"></script>
<script>${OPEN_REFERENCE}</script>
</body>
</html>
`;
