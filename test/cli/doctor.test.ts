import test, { type ExecutionContext } from 'ava';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKBIN_A, type Data, type Ended, environment, run, startSandbox } from './command.js';

// For localhost, until the year 2126; made for these tests, and good for nothing else.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9q22TxZCDS01+Xwe
tHG06bhwh3pyXDf7nhwQDN4pWDyhRANCAASq3vJt8twBDo2eIwgDZLbnwALKplQS
m1mNqGbC6h8YaTT7MV/IWNJTKh0X5FiqOHLTqnL+ok8SIPWKe87aZXKb
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUDSVchNKLKdCKPZhdZ8AElsBihlEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEyNTA1N1oYDzIxMjYxMDI5
MTI1MDU3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASq3vJt8twBDo2eIwgDZLbnwALKplQSm1mNqGbC6h8YaTT7MV/IWNJT
Kh0X5FiqOHLTqnL+ok8SIPWKe87aZXKbo2kwZzAdBgNVHQ4EFgQU7FVlA3Wt6kJf
nNnhQ/Je4/1u1KYwHwYDVR0jBBgwFoAU7FVlA3Wt6kJfnNnhQ/Je4/1u1KYwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAPYJ5PL+4OZOnc+zmSIPKooexTa1zbOZHxzwkY3cF58IAiEAnY8SqXH1
Uuz1EJVci8G/GAiZ/Ivxc3u3BBcCL2cyPF4=
-----END CERTIFICATE-----
`;

const everything = [
  'GWS_URL',
  'name resolution',
  'connection',
  'TLS',
  'GET /api/v2/me',
  'credentials',
  'session cookie',
  'CSRF',
  'handshake',
  'transport',
  'topic',
  'long poll',
];

const credentials = { GWS_USERNAME: 'agent', GWS_PASSWORD: 'secret' };

const listen = async (t: ExecutionContext, server: Server): Promise<number> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port; // it listens on a port
};

/** A web server that is none of Genesys'. */
const stranger = async (t: ExecutionContext, listener: RequestListener): Promise<Record<string, string>> => {
  const port = await listen(t, createServer(listener));
  return environment(undefined, { ...credentials, GWS_URL: `http://127.0.0.1:${port}` });
};

const examine = (
  t: ExecutionContext,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> => run(t, ['doctor', '--hold', '200ms', ...args], env);

const step = ({ data }: Ended, name: string): Data => data.find((each) => each['step'] === name) ?? {};

/** The step failed, it says what that means and what to do, and the command says so by its status. */
const failed = (t: ExecutionContext, ended: Ended, name: string, detail: RegExp, told: RegExp): void => {
  const { outcome, detail: seen, meaning, advice } = step(ended, name);
  t.is(outcome, 'failed', ended.stdout);
  t.regex(String(seen), detail);
  t.regex(`${String(meaning)} ${String(advice)}`, told);
  t.true(String(meaning).length > 20 && String(advice).length > 20);
  t.is(ended.status, 1);
  const lines = ended.stderr.trimEnd().split('\n');
  const bad = ended.data.filter((each) => each['outcome'] === 'failed');
  t.is(lines.length, bad.length, 'a line on stderr for each step that failed');
  for (const each of bad) {
    t.true(
      lines.some((line) => line.startsWith(`rx-workbins: ${String(each['step'])} failed: `)),
      ended.stderr,
    );
  }
  t.false(`${ended.stdout}${ended.stderr}`.includes('secret'));
};

test.serial('doctor: finds everything well in a sandbox, each step with its time', async (t) => {
  const sandbox = await startSandbox(t);
  const ended = await examine(t, environment(sandbox));
  t.is(ended.stderr, '');
  t.is(ended.status, 0);
  t.deepEqual(
    ended.data.map((each) => [each['step'], each['outcome']]),
    everything.map((name) => [name, 'ok']),
  );
  for (const { ms } of ended.data) t.is(typeof ms, 'number');
  t.is(sandbox.bayeuxSessions, 0, 'it gives the session back');
});

test.serial('doctor ID: subscribes too, and gives the subscription back', async (t) => {
  const sandbox = await startSandbox(t);
  const ended = await examine(t, environment(sandbox), WORKBIN_A);
  t.is(ended.status, 0);
  t.is(step(ended, 'subscription')['outcome'], 'ok', ended.stdout);
  t.deepEqual(sandbox.subscriptions(), []);
});

test.serial('doctor ID: says why a workbin cannot be subscribed to', async (t) => {
  const sandbox = await startSandbox(t);
  failed(t, await examine(t, environment(sandbox), 'no-such'), 'subscription', /statusCode 6/, /rx-workbins list/);
  const lift = sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const silent = await examine(t, environment(sandbox), WORKBIN_A, '--timeout', '3s');
  failed(t, silent, 'subscription', /no confirmation/, /one session/);
  lift();
});

test.serial('doctor: tells a refused password, once, and tries nothing after it', async (t) => {
  const sandbox = await startSandbox(t);
  const ended = await examine(t, environment(sandbox, { GWS_PASSWORD: 'secret, but wrong' }), WORKBIN_A);
  failed(t, ended, 'credentials', /401/, /GWS_PASSWORD/);
  for (const name of ['session cookie', 'CSRF', 'handshake', 'topic', 'long poll', 'subscription']) {
    t.is(step(ended, name)['outcome'], 'skipped', name);
  }
  t.is(sandbox.requests.filter(({ headers }) => headers['authorization'] !== undefined).length, 1);
});

test.serial('doctor: goes as far as it can without credentials', async (t) => {
  const sandbox = await startSandbox(t);
  const ended = await examine(t, environment(sandbox, { GWS_PASSWORD: '' }));
  t.is(step(ended, 'GET /api/v2/me')['outcome'], 'ok');
  failed(t, ended, 'credentials', /none given/, /--password-file/);
});

test.serial('doctor: a name that nobody knows', async (t) => {
  const env = environment(undefined, { ...credentials, GWS_URL: 'https://gws.invalid' });
  // Where there is no name server at all, the answer is another one.
  failed(
    t,
    await examine(t, env, '--timeout', '20s'),
    'name resolution',
    /gws\.invalid|nothing came/,
    /name server|network/,
  );
});

test.serial('doctor: a port on which nothing listens', async (t) => {
  const sandbox = await startSandbox(t);
  await sandbox.refuseConnections();
  failed(t, await examine(t, environment(sandbox)), 'connection', /ECONNREFUSED/, /nothing listens/);
});

test.serial('doctor: a URL that is none, and one with credentials', async (t) => {
  const env = environment(undefined, { ...credentials, GWS_URL: 'gws.example.com' });
  failed(t, await examine(t, env), 'GWS_URL', /no URL/, /https:/);
  const leak = await examine(t, { ...env, GWS_URL: 'http://agent:swordfish@gws/' });
  failed(t, leak, 'GWS_URL', /credentials/, /GWS_USERNAME/);
  t.false(leak.stdout.includes('swordfish'));
});

test.serial('doctor: a certificate of an unknown authority, and the way to make it known', async (t) => {
  const port = await listen(
    t,
    createSecureServer({ key, cert }, (_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"statusCode":20}');
    }),
  );
  // By name where the certificate says so, at an address where `localhost` may be another one.
  const env = environment(undefined, { ...credentials, GWS_URL: `https://localhost:${port}` });
  failed(t, await examine(t, env), 'TLS', /self-signed/, /NODE_EXTRA_CA_CERTS/);

  const folder = mkdtempSync(join(tmpdir(), 'rx-workbins-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'authority.pem'), cert);
  const known = await examine(t, { ...env, NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') });
  t.is(step(known, 'TLS')['outcome'], 'ok', known.stdout);
  t.regex(String(step(known, 'TLS')['detail']), /TLSv1\.[23], certificate of localhost/);

  const address = await examine(t, {
    ...env,
    GWS_URL: `https://127.0.0.1:${port}`,
    NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
  });
  failed(t, address, 'TLS', /altnames|does not match/i, /another name/);
});

test.serial('doctor: https where plain http is spoken', async (t) => {
  const sandbox = await startSandbox(t);
  const env = environment(sandbox, { GWS_URL: sandbox.url.replace('http:', 'https:') });
  // The code and nothing else: OpenSSL's own text holds paths of its source.
  failed(t, await examine(t, env), 'TLS', /^ERR_SSL_[A-Z_]+$/, /does not speak TLS/);
});

test.serial('doctor: a web server that is none of Genesys\u2019', async (t) => {
  const env = await stranger(t, (_request, response) => {
    response.writeHead(404, { 'content-type': 'text/html', server: 'nginx' });
    response.end('<html><title>404 Not Found</title></html>');
  });
  const ended = await examine(t, env);
  failed(t, ended, 'GET /api/v2/me', /404.*"404 Not Found".*nginx/, /none of Genesys/);
  failed(t, ended, 'handshake', /404/, /none of Genesys/);
  t.is(step(ended, 'credentials')['outcome'], 'skipped');
});

test.serial(
  'doctor: GWS_URL with /api/v2 in it: the path that was asked, and no advice but to leave it out',
  async (t) => {
    const env = await stranger(t, (request, response) => {
      response.writeHead(request.headers.authorization === undefined ? 401 : 404, { 'content-type': 'text/html' });
      response.end();
    });
    const ended = await examine(t, { ...env, GWS_URL: `${env['GWS_URL'] ?? ''}/api/v2` });
    t.is(ended.status, 1);
    t.like(step(ended, 'GWS_URL'), { outcome: 'warning', advice: 'Leave it out of GWS_URL.' });
    t.is(step(ended, 'GET /api/v2/api/v2/me')['outcome'], 'ok', ended.stdout);
    t.deepEqual(step(ended, 'GET /api/v2/me'), {});
    t.is(step(ended, 'credentials')['outcome'], 'failed');
    t.regex(String(step(ended, 'credentials')['meaning']), /^\/api\/v2\/api\/v2\/me was asked.*GWS_URL above/);
    t.deepEqual(
      ended.data.filter(({ advice }) => advice !== undefined).map((each) => each['step']),
      ['GWS_URL'],
    );
  },
);

test.serial('doctor: a login page with status 200', async (t) => {
  const env = await stranger(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<title>Please log in</title>');
  });
  failed(t, await examine(t, env), 'GET /api/v2/me', /Please log in/, /login page/);
});

test.serial('doctor: a redirect to a login page shows where, and nothing that is in its query', async (t) => {
  const env = await stranger(t, (_request, response) => {
    response.writeHead(302, { location: 'https://sso.example.com/login?ticket=abc' });
    response.end();
  });
  const ended = await examine(t, env);
  failed(t, ended, 'GET /api/v2/me', /sso\.example\.com\/login$/, /single sign-on/);
  t.false(ended.stdout.includes('ticket'));
});

test.serial('doctor: a load balancer whose servers are away', async (t) => {
  const env = await stranger(t, (_request, response) => {
    response.writeHead(503);
    response.end();
  });
  failed(t, await examine(t, env), 'GET /api/v2/me', /503/, /load balancer/);
});

test.serial('doctor: a server that never answers', async (t) => {
  const env = await stranger(t, () => undefined);
  failed(t, await examine(t, env, '--timeout', '1s'), 'GET /api/v2/me', /./, /firewall/);
});

test.serial('doctor: a session that does not survive to the next request', async (t) => {
  let count = 0;
  const env = await stranger(t, (request, response) => {
    const isKnown = request.headers.authorization !== undefined;
    response.writeHead(isKnown ? 200 : 401, {
      'content-type': 'application/json',
      'set-cookie': `JSESSIONID=${++count}; Path=/`,
    });
    response.end(isKnown ? '{"statusCode":0,"user":{"id":"u"}}' : '{"statusCode":20}');
  });
  failed(t, await examine(t, env), 'session cookie', /another JSESSIONID/, /stickiness/);
});

test.serial('doctor: a session cookie that does not come, and one for another path', async (t) => {
  const cookies: string[][] = [[], ['JSESSIONID=1; Path=/internal']];
  const known = [/no cookie/, /does not fit/];
  for (const [index, cookie] of cookies.entries()) {
    const env = await stranger(t, (request, response) => {
      const isKnown = request.headers.authorization !== undefined;
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json', 'set-cookie': cookie });
      response.end(isKnown ? '{"statusCode":0,"user":{"id":"u"}}' : '{"statusCode":20}');
    });
    failed(t, await examine(t, env), 'session cookie', known[index] ?? /never/, /Set-Cookie|Path/);
  }
});

test.serial('doctor: CometD that refuses the session, the topic, the poll', async (t) => {
  const sandbox = await startSandbox(t);
  const cases = [
    ['/meta/handshake', 'handshake', '403::Denied', /rights/],
    ['/meta/subscribe', 'topic', '403::Forbidden', /api-multimedia/],
    ['/meta/connect', 'long poll', '402::Unknown client', /stickiness/],
  ] as const;
  for (const [channel, name, error, told] of cases) {
    const lift = sandbox.fault({ channel }, { kind: 'bayeux', error });
    failed(t, await examine(t, environment(sandbox)), name, new RegExp(error), told);
    lift();
  }
});

test.serial('doctor: a proxy that cuts what stays open', async (t) => {
  const sandbox = await startSandbox(t, { longPollTimeout: 5_000 });
  let polls = 0;
  // The first poll is answered; the second is cut.
  void sandbox
    .request(({ bayeux, status }) => {
      if (status !== undefined && bayeux?.includes('/meta/connect') === true && polls++ === 0) {
        sandbox.fault({ channel: '/meta/connect' }, { kind: 'reset' });
      }
      return false;
    })
    .catch(() => undefined);
  failed(t, await examine(t, environment(sandbox), '--hold', '3s'), 'long poll', /held, then/, /cuts requests/);
});

test.serial('doctor: no long-polling among the transports', async (t) => {
  const env = await stranger(t, (request, response) => {
    const isPost = request.method === 'POST';
    response.writeHead(isPost ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      isPost
        ? '[{"channel":"/meta/handshake","successful":true,"clientId":"c","supportedConnectionTypes":["websocket"]}]'
        : '',
    );
  });
  const ended = await examine(t, env);
  failed(t, ended, 'transport', /websocket/, /long-polling/);
  t.is(step(ended, 'handshake')['outcome'], 'ok', 'a CometD server that has no /api/v2/me is asked all the same');
});

test.serial('doctor: SIGINT leaves with 130', async (t) => {
  const { start } = await import('./command.js');
  const sandbox = await startSandbox(t);
  const running = start(t, ['doctor', '--hold', '1m'], environment(sandbox)).input('');
  await running.line((each) => each['step'] === 'topic');
  running.child.kill('SIGINT');
  const ended = await running.ended;
  t.is(ended.status, 130);
  t.is(sandbox.bayeuxSessions, 0, 'it gives the session back');
});
