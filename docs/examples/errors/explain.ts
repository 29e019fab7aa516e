import {
  type WorkbinError,
  createWorkbinClient,
  isApiError,
  isHttpError,
  isSubscriptionError,
  isWorkbinError,
} from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

/** What to tell the person in front of the screen, and whether a button "try again" makes sense. */
export const explain = (
  error: WorkbinError,
): { readonly text: string; readonly isWorthRetrying: boolean } => {
  switch (error.code) {
    case 'subscription':
      return isWorkbinError(error.cause)
        ? explain(error.cause)
        : { text: error.message, isWorthRetrying: false };
    case 'connection':
      return {
        text: 'You are not signed in, or this account may not use workbins.',
        isWorthRetrying: false,
      };
    case 'api':
      if (isApiError(error) && error.statusCode === 6)
        return { text: 'This workbin does not exist.', isWorthRetrying: false };
      // Of several: Web Services left this one out of its reply, and does not say why.
      if (isApiError(error) && error.statusCode === 7)
        return {
          text: 'This workbin does not exist, or you may not use it.',
          isWorthRetrying: false,
        };
      return { text: error.message, isWorthRetrying: false };
    case 'http':
      return {
        text: 'Something in front of Web Services refused.',
        isWorthRetrying: isHttpError(error) && error.status >= 500,
      };
    case 'network':
    case 'timeout':
    case 'request-failed':
      return {
        text: 'Web Services does not answer just now.',
        isWorthRetrying: true,
      };
    case 'argument':
    case 'decode':
    case 'closed':
      return { text: error.message, isWorthRetrying: false };
  }
};

await using sandbox = await createSandbox();
const auth = { username: 'agent', password: 'secret' };
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth,
  retry: { maxAttempts: 1 },
});
await using stranger = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { ...auth, password: 'wrong' },
});

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const show = async (title: string, trying: Promise<void>): Promise<void> => {
  const error: unknown = await trying.catch((reason: unknown) => reason);
  if (isSubscriptionError(error)) console.log(`${title}:`, explain(error));
};
await show(
  'wrong password',
  stranger.subscribe(drafts).forEach(() => undefined),
);
await show(
  'unknown workbin',
  client.subscribe('no-such-workbin').forEach(() => undefined),
);
await show(
  'left out',
  client.subscribe([drafts, 'no-such-workbin']).forEach(() => undefined),
);
sandbox.fault({ workbinId: drafts, times: 1 }, { kind: 'reply', status: 503 });
await show(
  'overload',
  client.subscribe(drafts).forEach(() => undefined),
);
sandbox.fault({ workbinId: drafts, times: 1 }, { kind: 'push', copies: 0 });
await show(
  'no confirmation',
  client.subscribe(drafts, { timeout: 100 }).forEach(() => undefined),
);

/* prints
wrong password: {
  text: 'You are not signed in, or this account may not use workbins.',
  isWorthRetrying: false
}
unknown workbin: { text: 'This workbin does not exist.', isWorthRetrying: false }
left out: {
  text: 'This workbin does not exist, or you may not use it.',
  isWorthRetrying: false
}
overload: {
  text: 'Something in front of Web Services refused.',
  isWorthRetrying: true
}
no confirmation: {
  text: 'Web Services does not answer just now.',
  isWorthRetrying: true
}
*/
