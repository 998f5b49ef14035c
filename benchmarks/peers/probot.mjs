// Probot's documented middleware, and nothing else in the process. PORT and REEVE_WEBHOOK_SECRET say how.
// It has one handler, for one action; with HANDLERS=every it looks at every event, as Reeve does.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { createNodeMiddleware, createProbot } from "probot";

const key = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const probot = createProbot({
  overrides: { appId: 1, privateKey: key.privateKey, secret: process.env.REEVE_WEBHOOK_SECRET },
});
const handler = (app) => {
  if (process.env.HANDLERS === "every") app.onAny(async () => {});
  else app.on("issues.opened", async () => {});
};
const middleware = await createNodeMiddleware(handler, { probot, webhooksPath: "/webhooks/github" });
createServer((request, response) => {
  middleware(request, response, () => response.writeHead(404).end());
}).listen(Number(process.env.PORT), "127.0.0.1");
