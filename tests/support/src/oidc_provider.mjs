// oidc-provider (panva) on a free port of the loopback, with one client and its own pages to sign in.
// The first line on stdout is its issuer. Its arguments are the client's one place to return to, its name and its
// secret; a place without a port stands for every port, as programs on a person's own machine may use one.
import http from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const from = createRequire(`${process.env.RONDO_PEERS}/node_modules/`);
const { Provider } = await import(pathToFileURL(from.resolve("oidc-provider")));
const [, , returnTo, clientId, clientSecret] = process.argv;
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [returnTo],
      application_type: new URL(returnTo).port ? "web" : "native",
    }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    async findAccount(_, id) {
      return { accountId: id, claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: id !== "eve", name: id }) };
    },
    cookies: { keys: ["a"] },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
