import { lastValueFrom, takeUntil, toArray } from 'rxjs';
import { isApiError, isSubscriptionError, isTimeoutError } from '../../index.js';
import { clientOf, left } from '../client.js';
import { causeText, listHint } from '../reason.js';
import { type ScopeOptions, scopeOf, workbinsOf } from '../scope.js';
import type { Server } from '../server.js';
import { type Finding, failed, ok } from './finding.js';

const unknownAdvice = `${listHint.replace(/^t/, 'T')}.`;

const adviceFor: Readonly<Record<number, string>> = {
  2: 'Web Services may want a contact centre session first: try `rx-workbins subscribe ID --channels chat,email`.',
  3: 'The account may not do this: for another user’s workbins it needs the rights of a supervisor.',
  5: 'The account may not do this: for another user’s workbins it needs the rights of a supervisor.',
  0: unknownAdvice,
  6: unknownAdvice,
  7: unknownAdvice,
};

/** A subscription to one workbin, through the library as a program would do it. */
export const subscribeOnce = async (
  server: Server,
  id: string,
  scope: ScopeOptions,
  timeout: number,
  signal: AbortSignal,
): Promise<Finding> => {
  const client = clientOf(server, {}, { timeout });
  const workbins = workbinsOf(client, scopeOf(scope));
  const interrupted$ = left({ signal });
  try {
    const events = await lastValueFrom(workbins.subscribe(id).pipe(toArray(), takeUntil(interrupted$)), {
      defaultValue: [],
    });
    const references = events.flatMap((event) => (event.type === 'accepted' ? [...event.referenceIds.values()] : []));
    await lastValueFrom(workbins.unsubscribe(id).pipe(takeUntil(interrupted$)), { defaultValue: undefined });
    return ok(`accepted as ${references.join(', ')}, confirmed, and given back`);
  } catch (error) {
    if (!isSubscriptionError(error)) throw error;
    const [cause = error] = error.failed.values();
    const detail = causeText(cause);
    if (isApiError(cause)) {
      return failed(
        detail,
        `Web Services refused: ${cause.meaning}.`,
        adviceFor[cause.statusCode] ?? 'The server’s own text says why; its logs say more.',
      );
    }
    if (isTimeoutError(cause)) {
      return failed(
        detail,
        'The request was taken, and no word of it came through CometD: HTTP and CometD may not share one session, or pushes get lost.',
        'Stickiness of the load balancer, and proxies that hold answers back, are what to look at; --timeout gives a slow server more time.',
      );
    }
    return failed(
      detail,
      'The workbin could not be subscribed to.',
      'If it stays so, the workbin exists and cannot be observed now: ask who runs Web Services.',
    );
  } finally {
    await client.close();
  }
};
