import { durationOf, durationText } from '../duration.js';
import { plain, printJson } from '../json.js';
import type { Leaving } from '../leaving.js';
import { type ScopeOptions, scopeOf } from '../scope.js';
import { type ServerOptions, baseUrl, credentials } from '../server.js';
import { isForPeople } from '../view.js';
import { BayeuxVisit } from './bayeux.js';
import { type Finding, failed, skipped } from './finding.js';
import { reach, resolveName, secure, urlFinding } from './network.js';
import { keepSession, learnCsrf, mePath, meetServer, present } from './session.js';
import { Visitor } from './visitor.js';

/** The options of `doctor`. */
export interface DoctorOptions extends ServerOptions, ScopeOptions {
  readonly json?: boolean;
  readonly timeout: string;
  readonly hold: string;
}

/** A step of the examination, and how it came out. */
interface Report extends Finding {
  readonly step: string;
  readonly ms: number;
}

type Tell = (report: Report) => void;

/** The text in lines of at most so many characters, those after the first indented alike. */
const wrapped = (text: string, indent: string, columns: number): string => {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (indent.length + line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${indent}`);
};

const margin = 9;
const label = 10;

const tellPeople = async (): Promise<Tell> => {
  const { paint } = await import('../table.js');
  const words = {
    ok: paint('ok     ', 'good'),
    warning: paint('warning', 'waiting'),
    failed: paint('FAILED ', 'bad'),
    skipped: paint('-      ', 'faint'),
  };
  return ({ step, outcome, ms, detail, meaning, advice }) => {
    const time = outcome === 'skipped' ? '' : durationText(ms);
    // A terminal that does not know its width says 0.
    const columns = Math.max(process.stdout.columns || 80, 40);
    const told = (text: string, indent: number): string => wrapped(plain(text), ' '.repeat(indent), columns);
    const head = `${step.padEnd(15)}  ${time.padStart(6)}`;
    const isShort = margin + head.length + 2 + detail.length <= columns;
    const lines = [
      `${words[outcome]}  ${isShort ? `${head}  ${plain(detail)}` : head}`,
      ...(isShort ? [] : [' '.repeat(margin) + told(detail, margin)]),
    ];
    for (const [name, text] of [
      ['it means', meaning],
      ['to do', advice],
    ] as const) {
      if (text !== undefined) lines.push(' '.repeat(margin) + name.padEnd(label) + told(text, margin + label));
    }
    process.stdout.write(`${lines.join('\n')}\n`);
  };
};

/** A line for each step that failed, for who does not read stdout: cron's mail, a log. */
const tellFailure: Tell = ({ step, outcome, detail, meaning = '' }) => {
  if (outcome === 'failed') process.stderr.write(`rx-workbins: ${plain(`${step} failed: ${detail}. ${meaning}`)}\n`);
};

/** Does one step after another, each with its time; what needs a step that failed is skipped. */
class Examination {
  readonly reports = new Map<string, Report>();
  readonly #tell: Tell;
  readonly #limit: number;
  readonly #leaving: Leaving;

  constructor(tell: Tell, limit: number, leaving: Leaving) {
    this.#tell = tell;
    this.#limit = limit;
    this.#leaving = leaving;
  }

  /** Whether the step was done, and nothing in it failed. */
  isWell(step: string): boolean {
    const outcome = this.reports.get(step)?.outcome;
    return outcome === 'ok' || outcome === 'warning';
  }

  #isLeaving(): boolean {
    return this.#leaving.signal.aborted;
  }

  async step(
    name: string,
    needs: readonly string[],
    examine: (signal: AbortSignal) => Finding | Promise<Finding>,
    extra = 0,
  ): Promise<void> {
    if (this.#isLeaving()) return;
    const missing = needs.find((need) => !this.isWell(need));
    const started = performance.now();
    const limit = AbortSignal.timeout(this.#limit + extra);
    const finding =
      missing === undefined
        ? await this.#examine(examine, AbortSignal.any([this.#leaving.signal, limit]), limit)
        : skipped(`not tried, for want of: ${missing}`);
    if (this.#isLeaving()) return;
    const report = { step: name, ms: Math.round((performance.now() - started) * 10) / 10, ...finding };
    this.reports.set(name, report);
    this.#tell(report);
  }

  async #examine(
    examine: (signal: AbortSignal) => Finding | Promise<Finding>,
    signal: AbortSignal,
    limit: AbortSignal,
  ): Promise<Finding> {
    const late = new Promise<Finding>((resolve) => {
      limit.addEventListener('abort', () => {
        resolve(
          failed(
            `nothing came within ${durationText(this.#limit)}`,
            'A firewall that drops packets looks like this, and so does a server that hangs.',
            'Try from another network; --timeout gives a slow server more time.',
          ),
        );
      });
    });
    return Promise.race([late, Promise.resolve(examine(signal)).catch((error: unknown) => unexpected(error))]);
  }
}

const unexpected = (error: unknown): Finding =>
  failed(
    error instanceof Error ? error.message : String(error),
    'This step ended in a way that the command does not know.',
    'The text may say why; if it is a fault of this command, tell us.',
  );

/** `doctor`: what a working subscription needs, step by step. */
export const doctor = async (id: string | undefined, options: DoctorOptions, leaving: Leaving): Promise<number> => {
  const limit = durationOf(options.timeout);
  const hold = durationOf(options.hold);
  scopeOf(options);
  const given = baseUrl();
  const auth = await credentials(options);
  const isPeople = isForPeople(options);
  const tell = isPeople ? await tellPeople() : printJson;
  const tellAll: Tell = (report) => {
    tell(report);
    if (!isPeople || !process.stderr.isTTY) tellFailure(report);
  };
  const exam = new Examination(tellAll, limit, leaving);
  const { url, finding } = urlFinding(given);
  leaving.tidily();

  await exam.step('GWS_URL', [], () => finding);
  if (url === undefined) return 1;
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  const visitor = new Visitor(base);
  const bayeux = new BayeuxVisit(visitor);
  const meeting = `GET ${visitor.pathOf(mePath)}`;

  await exam.step('name resolution', ['GWS_URL'], () => resolveName(url));
  await exam.step('connection', ['name resolution'], (signal) => reach(url, signal));
  await exam.step('TLS', ['connection'], (signal) => secure(url, signal));
  await exam.step(meeting, ['TLS'], (signal) => meetServer(visitor, signal));
  await exam.step('credentials', [meeting], (signal) => {
    if (auth === undefined) {
      return failed(
        'none given',
        'Web Services do nothing for a stranger.',
        'Set GWS_USERNAME and GWS_PASSWORD, or name a --password-file.',
      );
    }
    visitor.authorization = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    return present(visitor, signal);
  });
  await exam.step('session cookie', ['credentials'], (signal) => keepSession(visitor, signal));
  await exam.step('CSRF', ['credentials'], () => learnCsrf(visitor, visitor.lastHeaders));
  // A CometD server that is none of Genesys' has no /api/v2/me: it is asked all the same, unless it refused the credentials.
  const isRefused = exam.reports.get('credentials')?.outcome === 'failed';
  await exam.step('handshake', isRefused ? ['credentials'] : ['TLS'], (signal) => bayeux.handshake(signal));
  await exam.step('transport', bayeux.transports === undefined ? ['handshake'] : [], () => bayeux.transport());
  await exam.step('topic', ['handshake', 'transport'], (signal) => bayeux.topic(signal));
  await exam.step('long poll', ['handshake', 'transport'], (signal) => bayeux.poll(signal, hold), hold);
  await bayeux.end(AbortSignal.timeout(2_000));
  if (id !== undefined && auth !== undefined) {
    const { subscribeOnce } = await import('./subscription.js');
    const needs = ['credentials', 'topic', 'long poll'];
    const server = { baseUrl: base, auth };
    await exam.step('subscription', needs, (signal) => subscribeOnce(server, id, options, limit, signal), limit * 2);
  }

  const bad = [...exam.reports.values()].filter(({ outcome }) => outcome === 'failed');
  if (isPeople && !leaving.signal.aborted) {
    const names = bad.map(({ step }) => step).join(', ');
    const hint = id === undefined ? ' With a workbin’s id (see `rx-workbins list`) a subscription is tried too.' : '';
    process.stdout.write(bad.length === 0 ? `\nWhat a subscription needs is there.${hint}\n` : `\nFailed: ${names}.\n`);
  }
  return bad.length === 0 ? 0 : 1;
};
