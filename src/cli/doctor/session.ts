import { type Finding, failed, ok, warning } from './finding.js';
import { trouble } from './trouble.js';
import { type Answer, type Visitor, field } from './visitor.js';

export const mePath = '/api/v2/me';
export const bayeuxPath = '/api/v2/notifications';
const sessionCookie = 'JSESSIONID';

/** What an answer looks like from outside. */
export const glimpse = ({ status, headers, text }: Answer): string => {
  const type = headers.get('content-type')?.split(';')[0] ?? 'no content type';
  const server = headers.get('server');
  const title = /<title[^>]*>([^<]{1,80})/i.exec(text)?.[1]?.trim();
  return [
    `HTTP ${status}`,
    type,
    ...(title === undefined ? [] : [`titled ${JSON.stringify(title)}`]),
    ...(server === null ? [] : [`from ${server}`]),
  ].join(', ');
};

const statusCodeOf = ({ json }: Answer): number | undefined => {
  const statusCode = field(json, 'statusCode');
  return typeof statusCode === 'number' ? statusCode : undefined;
};

const said = (answer: Answer): string => {
  const message = field(answer.json, 'statusMessage');
  return `HTTP ${answer.status}, statusCode ${String(statusCodeOf(answer))}${typeof message === 'string' ? `: ${message}` : ''}`;
};

const strange = (answer: Answer, path: string): Finding | undefined => {
  const { status, headers } = answer;
  const seen = glimpse(answer);
  const location = headers.get('location');
  if (status >= 300 && status < 400) {
    return failed(
      `${seen}, to ${location === null ? 'nowhere' : location.replace(/[?#].*$/, '')}`,
      'Somebody sends the request elsewhere: to a login page (single sign-on), to another host, or from http to https.',
      'If the target is where Web Services are, put it into GWS_URL; if it is a login page, Web Services have to be reached past it, with Basic authentication.',
    );
  }
  if (status === 407) {
    return failed(seen, 'A proxy in between wants credentials of its own.', 'Reach the server without that proxy.');
  }
  if (status === 404 || status === 405 || status === 410) {
    return failed(
      seen,
      `There is a web server, and it knows nothing of ${path}: it is none of Genesys’, or Web Services lie under another path.`,
      'Check host and port in GWS_URL; if Web Services lie behind a path, GWS_URL ends with it.',
    );
  }
  if (status === 429) {
    return failed(seen, 'The server gets too many requests.', 'Wait a while, and ask who else calls it.');
  }
  if (status >= 500) {
    return failed(
      seen,
      'A server answers, and cannot do its work: Web Services are down or starting, or what stands in front of them does not reach them.',
      'Try again in a few minutes; then look into the logs of the load balancer and of Web Services.',
    );
  }
  if (status < 300 && field(answer.json, 'statusCode') === undefined && !Array.isArray(answer.json)) {
    return failed(
      seen,
      'Something answers that is not Web Services: a login page, a proxy’s own page, another application.',
      'Open the URL in a browser and see what it is; then correct GWS_URL, or have the path let through.',
    );
  }
  return undefined;
};

/**
 * What an answer means that Web Services would not give; undefined where they may have given it.
 *
 * @param path - the whole path that was asked
 */
export const foreign = (answer: Answer, path: string): Finding | undefined => {
  const finding = strange(answer, path);
  if (finding === undefined || !/\/api\/v2\/.*api\/v2\//.test(path)) return finding;
  // What to do was said at GWS_URL; any other advice would contradict it.
  const { outcome, detail } = finding;
  return { outcome, detail, meaning: `${path} was asked, with /api/v2 twice: see GWS_URL above.` };
};

/** Whether Web Services answer at all: asked without credentials. */
export const meetServer = async (visitor: Visitor, signal: AbortSignal): Promise<Finding> => {
  let answer: Answer;
  try {
    answer = await visitor.send(mePath, signal);
  } catch (error) {
    return trouble(error);
  }
  const stranger = foreign(answer, visitor.pathOf(mePath));
  if (stranger !== undefined) return stranger;
  if (statusCodeOf(answer) !== undefined) return ok(`Web Services answer: ${said(answer)}`);
  const challenge = answer.headers.get('www-authenticate');
  if (answer.status === 401 && challenge !== null && !/basic/i.test(challenge)) {
    return warning(
      `${glimpse(answer)}, wants ${challenge.split(/[ ,]/)[0] ?? ''}`,
      'The server asks for another kind of authentication than Basic, the only one that this command has.',
      'Have Basic authentication allowed for this user; a program of your own can give any header (option `auth`).',
    );
  }
  if (answer.status === 401) return ok(`${glimpse(answer)}: it asks for credentials`);
  return warning(
    glimpse(answer),
    'The answer has none of the form that Web Services give; something in front may have given it.',
    'See what the next steps say.',
  );
};

/** Whether the server takes the credentials. */
export const present = async (visitor: Visitor, signal: AbortSignal): Promise<Finding> => {
  let answer: Answer;
  try {
    answer = await visitor.send(mePath, signal);
  } catch (error) {
    return trouble(error);
  }
  const statusCode = statusCodeOf(answer);
  if (answer.status === 401 || statusCode === 20) {
    return failed(
      statusCode === undefined ? glimpse(answer) : said(answer),
      'The server does not know this user name with this password. No later step was tried, lest the account be locked.',
      'Check GWS_USERNAME and GWS_PASSWORD; spaces and line ends count. Does the account exist in this environment?',
    );
  }
  if (statusCode === 8) {
    return failed(said(answer), 'The password has to be changed first.', 'Log in with a browser once and change it.');
  }
  if (answer.status === 403 || statusCode === 3 || statusCode === 5) {
    return failed(
      statusCode === undefined ? glimpse(answer) : said(answer),
      'The server knows the user, and forbids the request.',
      'The account needs the rights of an agent in Web Services; a firewall in front may forbid the path as well.',
    );
  }
  const stranger = foreign(answer, visitor.pathOf(mePath));
  if (stranger !== undefined) return stranger;
  if (statusCode !== 0) {
    return failed(
      said(answer),
      'Web Services refuse the request for a reason of their own.',
      'The text says which; the logs of Web Services say more.',
    );
  }
  const id = [field(answer.json, 'user'), field(answer.json, 'me'), answer.json]
    .map((each) => field(each, 'id'))
    .find((each) => typeof each === 'string');
  return id === undefined
    ? warning(
        said(answer),
        'The answer does not say who the user is, so messages about other users’ workbins cannot be told from one’s own.',
        'It works where messages name no owner; tell us what the answer looks like.',
      )
    : ok(`accepted, the user’s id is ${id}`);
};

/** Whether the session lives from one request to the next. */
export const keepSession = async (visitor: Visitor, signal: AbortSignal): Promise<Finding> => {
  const before = visitor.cookie(sessionCookie, bayeuxPath);
  const others = visitor.jar.serializeSync()?.cookies.map(({ key }) => String(key)) ?? [];
  if (before === undefined) {
    if (others.includes(sessionCookie)) {
      return failed(
        `a ${sessionCookie} that does not fit ${visitor.pathOf(bayeuxPath)}`,
        'The cookie is for another path or host, or for https alone, so that it does not go with the next request.',
        'Look at the Path, Domain and Secure of the cookie: what stands in front of Web Services may have to rewrite them; use https.',
      );
    }
    const finding = others.length === 0 ? failed : warning;
    return finding(
      others.length === 0 ? 'no cookie came' : `no ${sessionCookie}, only ${others.join(', ')}`,
      'Without a session, what is subscribed over HTTP and what CometD delivers do not belong together.',
      'Something on the way may drop Set-Cookie; Web Services themselves always set a JSESSIONID.',
    );
  }
  try {
    await visitor.send(mePath, signal);
  } catch (error) {
    return trouble(error);
  }
  if (visitor.cookie(sessionCookie, bayeuxPath) === before) {
    const more = others.filter((name) => name !== sessionCookie);
    return ok(`${sessionCookie} came and stays${more.length === 0 ? '' : `, with ${more.join(', ')}`}`);
  }
  return failed(
    `the second answer brought another ${sessionCookie}`,
    'The session did not survive to the next request: several servers, and each request goes to another one.',
    'The load balancer has to keep a session on one server (stickiness), by cookie.',
  );
};

/** Whether the server wants a CSRF token, and gives one. */
export const learnCsrf = (visitor: Visitor, answer: Headers): Finding => {
  const name = answer.get('x-csrf-header');
  const value = answer.get('x-csrf-token');
  if (name !== null && value !== null) {
    visitor.csrf = { name, value };
    return ok(`protection is on, the token goes as ${name}`);
  }
  if (name === null && value === null) return ok('protection is off');
  return failed(
    name === null ? 'X-CSRF-TOKEN without X-CSRF-HEADER' : 'X-CSRF-HEADER without X-CSRF-TOKEN',
    'One of the two headers gets lost on the way; every POST will be refused.',
    'What stands in front of Web Services has to let both headers through.',
  );
};
