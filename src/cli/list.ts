import {
  NEVER,
  type Observable,
  catchError,
  from,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  of,
  switchMap,
  takeUntil,
  timer,
  toArray,
} from 'rxjs';
import type { Workbin, WorkbinError, Workbins } from '../index.js';
import { type ClientOptions, clientOf, left } from './client.js';
import { limitOf } from './duration.js';
import { plain, printJson } from './json.js';
import type { Leaving } from './leaving.js';
import { patiently } from './patience.js';
import { causeText, doctorHint } from './reason.js';
import { type ScopeOptions, scopeOf, workbinsOf } from './scope.js';
import { serverOf } from './server.js';
import { isForPeople } from './view.js';

/** The options of `list`. */
export interface ListOptions extends ClientOptions, ScopeOptions {
  readonly items?: boolean;
  readonly timeout?: string;
}

const requestsAtOnce = 6;

/** A workbin, and how many items lie in it; or why nobody can say. */
interface Listed {
  readonly workbin: Workbin;
  readonly items?: number;
  readonly error?: unknown;
}

type Hear = (reason: WorkbinError) => void;

const withItems = (workbins: Workbins, all: readonly Workbin[], hear: Hear): Observable<readonly Listed[]> =>
  from(all).pipe(
    mergeMap(
      (workbin, index) =>
        workbins.content(workbin.id).pipe(
          patiently(hear),
          map(({ items }): Listed => ({ workbin, items: items.size })),
          catchError((error: unknown) => of<Listed>({ workbin, error })),
          map((listed) => ({ index, listed })),
        ),
      requestsAtOnce,
    ),
    toArray(),
    map((found) => found.sort((a, b) => a.index - b.index).map(({ listed }) => listed)),
  );

const printTable = async (listed: readonly Listed[], isCounted: boolean): Promise<void> => {
  const { tableLines } = await import('./table.js');
  const columns = [
    { head: 'WORKBIN', cell: ({ workbin }: Listed) => workbin.id, spare: 0 },
    { head: 'NAME', cell: ({ workbin }: Listed) => workbin.displayName ?? workbin.name ?? '-', spare: 0, isCut: true },
    { head: 'TYPE', cell: ({ workbin }: Listed) => workbin.type ?? '-', spare: 1 },
    ...(isCounted ? [{ head: 'ITEMS', cell: ({ items }: Listed) => String(items ?? '?'), spare: 0 }] : []),
  ];
  const lines = tableLines(columns, listed, process.stdout.columns || 80);
  process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
};

/** `list`: the workbins of a scope, and with `--items` how much lies in each. */
export const list = async (options: ListOptions, leaving: Leaving): Promise<number> => {
  const timeout = options.timeout === undefined ? undefined : limitOf(options.timeout);
  const scope = scopeOf(options);
  // Tried again here, where the reasons are heard.
  const client = clientOf(await serverOf(options), options, { retry: { maxAttempts: 1 } });
  const workbins = workbinsOf(client, scope);
  let trouble: WorkbinError | undefined;
  const hear: Hear = (reason) => (trouble = reason);
  leaving.tidily();
  try {
    const work$ = workbins.list().pipe(
      patiently(hear),
      switchMap((all) =>
        options.items === true ? withItems(workbins, all, hear) : of(all.map((workbin): Listed => ({ workbin }))),
      ),
      takeUntil(merge(left(leaving), timeout === undefined || timeout === Infinity ? NEVER : timer(timeout))),
    );
    const listed = await lastValueFrom(work$, { defaultValue: undefined });
    if (listed === undefined) {
      const why = trouble === undefined ? '' : `: ${causeText(trouble)}`;
      const text = `rx-workbins: no answer within ${options.timeout ?? ''}${why}\n${doctorHint}\n`;
      if (!leaving.signal.aborted) process.stderr.write(text);
      return 1;
    }
    if (isForPeople(options)) await printTable(listed, options.items === true);
    else for (const { workbin, items } of listed) printJson(items === undefined ? workbin : { ...workbin, items });
    const failed = listed.filter(({ error }) => error !== undefined);
    for (const { workbin, error } of failed) {
      process.stderr.write(`rx-workbins: the items of ${plain(workbin.id)} cannot be read: ${causeText(error)}\n`);
    }
    return failed.length === 0 ? 0 : 1;
  } finally {
    await client.close();
  }
};
