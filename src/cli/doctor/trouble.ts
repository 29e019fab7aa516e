import { reasonsOf } from '../reason.js';
import { type Finding, failed } from './finding.js';

/** What the codes of Node's network errors mean, and what to do. */
const known: readonly (readonly [RegExp, string, string])[] = [
  [
    /^ENOTFOUND$/,
    'No name server knows this host.',
    'Check the spelling in GWS_URL; if the name is right, this machine may have to be in the VPN, or to use another name server.',
  ],
  [/^EAI_AGAIN$/, 'The name server does not answer.', 'Check the network of this machine, and its name servers.'],
  [
    /^ECONNREFUSED$/,
    'The machine is there, and nothing listens on this port.',
    'Check the port in GWS_URL (443 for https, 80 for http unless it says otherwise), and that Web Services run.',
  ],
  [
    /^(EHOSTUNREACH|ENETUNREACH)$/,
    'No route leads to the machine.',
    'Check the network of this machine: VPN, routes, firewall.',
  ],
  [
    /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|TimeoutError|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/,
    'Nothing answers: a firewall that drops packets looks like this, and so does a server that hangs.',
    'Try from another network; ask who runs the firewall; --timeout gives a slow server more time.',
  ],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    'The other side closed the connection in the middle.',
    'Something between here and Web Services may forbid the request: a proxy, a firewall. A server that expects https where GWS_URL says http does this too.',
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/,
    'The certificate was issued by somebody whom Node does not know: a company’s own authority, or the server itself; or the server leaves out the certificates in between.',
    'Point NODE_EXTRA_CA_CERTS to the authority’s certificate (a PEM file). Do not turn verification off: the password would go to whoever answers.',
  ],
  [/^CERT_HAS_EXPIRED$/, 'The certificate is out of date.', 'Have it renewed; and check the clock of this machine.'],
  [/^CERT_NOT_YET_VALID$/, 'The certificate is not valid yet.', 'Check the clock of this machine.'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'The certificate is for another name.',
    'Use the name that the certificate has, in GWS_URL.',
  ],
  [
    /^(EPROTO|ERR_SSL_.*)$/,
    'What answers on this port does not speak TLS, or no version of it that Node accepts.',
    'Check the port; if it is a plain one, GWS_URL begins with http:// (and the password travels readable).',
  ],
];

/** The code of an error, or of what caused it. */
export const codeOf = (error: unknown): string => {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    if (each.name === 'TimeoutError') return each.name;
  }
  return '';
};

/** What a network error means. */
export const trouble = (error: unknown): Finding => {
  const code = codeOf(error);
  const text = reasonsOf(error).join(': ') || String(error);
  const [, meaning, advice] = known.find(([codes]) => codes.test(code)) ?? [];
  const proxy = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'].find(
    (name) => process.env[name] !== undefined,
  );
  const hint = proxy === undefined ? '' : ` ${proxy} is set here, and this command goes to the server directly.`;
  return failed(
    code === '' || text.includes(code) || text.includes('ERR_SSL_') ? text : `${text} (${code})`,
    meaning ?? 'The request did not get through.',
    (advice ?? 'Look at what stands between here and the server: network, proxy, firewall.') + hint,
  );
};
