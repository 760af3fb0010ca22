import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../access.ts';

const swaggerUiFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const swaggerUiFiles = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

// Addresses are relative, so that the page also works below a proxy's path.
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Navette HTTP API</title>
    <link rel="icon" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;

const description = `A durable task queue: what is accepted is kept.

What is no proper HTTP reaches no operation. It is refused with a problem document, too: \`malformed_request\` (400),
\`request_timeout\` (408), \`expectation_failed\` (417), \`headers_too_large\` (431).`;

/** Nothing from outside, nothing inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Adds the OpenAPI document of all routes, and the page that shows it. The document is written when it is first asked
 * for: that takes as long as a tenth of the start.
 */
export function addDocs(app: OpenAPIHono<AppEnv>, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' });
  const write = () =>
    JSON.stringify(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: 'Navette', version, description },
        // The empty one: no key is needed where the server is reached on loopback only.
        security: [{ bearer: [] }, { basic: [] }, {}],
      }),
    );
  let document: string | undefined;
  app.get('/openapi.json', (c) => {
    document ??= write();
    return c.body(document, 200, { 'Content-Type': 'application/json' });
  });
  app.get('/', (c) => c.redirect('/docs'));
  app.get('/docs', (c) => c.html(page, 200, { 'Content-Security-Policy': contentSecurityPolicy }));
  app.get('/docs/start.js', (c) => c.body(start, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  for (const file of swaggerUiFiles) {
    app.get(`/docs/${file}`, serveStatic({ root: swaggerUiFolder, rewriteRequestPath: () => file }));
  }
}
