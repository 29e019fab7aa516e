import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Finding, failed, ok, warning } from './finding.js';
import { trouble } from './trouble.js';

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');
const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port));

/** Resolves once the socket emits the event; whatever happens, the socket ends with the examination of it. */
const opened = (socket: Socket, event: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason instanceof Error ? signal.reason : new Error('interrupted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    // A socket may say more than one thing on its way out.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    });
  });

/** Whether the host has an address. */
export const resolveName = async (url: URL): Promise<Finding> => {
  const host = hostOf(url);
  if (isIP(host) !== 0) return ok(`${host} is an address already`);
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return trouble(error);
  }
};

/** Whether something listens. */
export const reach = async (url: URL, signal: AbortSignal): Promise<Finding> => {
  const socket = connectTcp({ host: hostOf(url), port: portOf(url) });
  try {
    await opened(socket, 'connect', signal);
    return ok(`${socket.remoteAddress ?? hostOf(url)} port ${portOf(url)} answers`);
  } catch (error) {
    return trouble(error);
  } finally {
    socket.destroy();
  }
};

const day = 86_400_000;

const certificateFinding = (socket: TLSSocket): Finding => {
  const { subject, issuer, valid_to: until } = socket.getPeerCertificate();
  const issuedBy = [issuer.O, issuer.CN].flat().find((name) => name !== undefined) ?? 'an unnamed authority';
  const name = [subject.CN].flat()[0] ?? 'an unnamed host';
  const detail = `${socket.getProtocol() ?? 'TLS'}, certificate of ${name} by ${issuedBy}, valid until ${until}`;
  const left = Date.parse(until) - Date.now();
  return left < 14 * day
    ? warning(detail, `The certificate ends in ${Math.max(0, Math.floor(left / day))} days.`, 'Have it renewed.')
    : ok(detail);
};

/** Whether the connection is private, and with whom. */
export const secure = async (url: URL, signal: AbortSignal): Promise<Finding> => {
  const host = hostOf(url);
  if (url.protocol === 'http:') {
    return /^(localhost|127\..*|::1)$/.test(host)
      ? ok('none, and none needed: the server is this machine')
      : warning(
          'none: GWS_URL begins with http://',
          'The password and everything else travel readable for whoever is on the way.',
          'Use https:// where the server offers it.',
        );
  }
  const socket = connectTls({ host, port: portOf(url), ...(isIP(host) === 0 ? { servername: host } : {}) });
  try {
    await opened(socket, 'secureConnect', signal);
    return certificateFinding(socket);
  } catch (error) {
    return trouble(error);
  } finally {
    socket.destroy();
  }
};

/** What is no URL of a server at all. */
export const urlFinding = (text: string): { readonly url?: URL; readonly finding: Finding } => {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below.
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return {
      finding: failed(
        'GWS_URL is no URL of a server',
        'It has to be an absolute http or https URL, without query and fragment.',
        'Write it as in https://gws.example.com',
      ),
    };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      finding: failed(
        'GWS_URL holds credentials',
        'URLs end up in logs and error messages.',
        'Take them out, and set GWS_USERNAME and GWS_PASSWORD.',
      ),
    };
  }
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  return {
    url,
    finding: /\/api\/v2(\/|$)/.test(url.pathname)
      ? warning(base, '/api/v2 is part of GWS_URL, and is added to it once more.', 'Leave it out of GWS_URL.')
      : ok(base),
  };
};
