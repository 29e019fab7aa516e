import { type WatchEvent, type WorkbinScope, isSubscriptionError, isWorkbinError } from 'rx-workbins';

/** The call that makes a scope. */
export const callOf = (scope: WorkbinScope): string => {
  switch (scope.kind) {
    case 'me':
      return 'client';
    case 'any':
      return 'client.any';
    case 'user':
      return `client.forUser('${scope.userId}')`;
    case 'agentGroup':
      return `client.forAgentGroup(${quoted(scope.name)})`;
    case 'placeGroup':
      return `client.forPlaceGroup(${quoted(scope.name)})`;
  }
};

const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;

/** The program that does what the page does. */
export const programOf = (
  baseUrl: string,
  username: string,
  scope: WorkbinScope,
  method: 'subscribe' | 'watch',
  ids: readonly string[],
): string => {
  const [first = ''] = ids;
  const argument = ids.length === 1 ? quoted(first) : `[\n${ids.map((id) => `    ${quoted(id)},\n`).join('')}  ]`;
  const last =
    method === 'subscribe'
      ? `complete: () => console.log('all subscribed'),`
      : `complete: () => console.log('nothing left to watch'),`;
  return `import { createWorkbinClient } from 'rx-workbins';

const client = createWorkbinClient({
  baseUrl: '${baseUrl}',
  auth: { username: '${username}', password: '••••••' },
});

${callOf(scope)}
  .${method}(${argument})
  .subscribe({
    next: (event) => console.log(event),
    error: (error) => console.error(error.failed),
    ${last}
  });`;
};

/** An event in a sentence. */
export const sayEvent = (event: WatchEvent, letter: (id: string) => string): string => {
  switch (event.type) {
    case 'accepted':
      return `accepted: ${[...event.referenceIds].map(([id, reference]) => `${letter(id)} has reference ${reference}`).join(', ') || 'nothing'}`;
    case 'state':
      return `${letter(event.workbinId)} is ${event.state}`;
    case 'item':
      return `${event.action} in ${letter(event.workbinId)}${event.medium === undefined ? '' : `: ${event.medium}`}`;
    case 'gap': {
      const seconds = ((event.to - event.from) / 1000).toFixed(1);
      return `gap of ${seconds} s in ${event.workbinIds.map(letter).join(', ')}: ${event.reason}`;
    }
    case 'failed':
      return `${letter(event.workbinId)} failed: ${event.error.message}`;
  }
};

/** An error in a sentence, with its account. */
export const sayError = (error: unknown, letter: (id: string) => string): string => {
  if (isSubscriptionError(error)) {
    const failed = [...error.failed].map(([id, cause]) => `${letter(id)}: ${cause.name}, ${cause.message}`);
    return `${error.failed.size} of ${error.failed.size + error.subscribed.length} failed. ${failed.join('; ')}`;
  }
  return isWorkbinError(error) ? `${error.name}: ${error.message}` : String(error);
};

/** Something to show as JSON, with what JSON cannot carry. */
export const toJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_key, part: unknown): unknown =>
      part instanceof Map
        ? Object.fromEntries(part)
        : isSubscriptionError(part)
          ? { name: part.name, message: part.message, subscribed: part.subscribed, failed: part.failed }
          : part instanceof Error
            ? { name: part.name, message: part.message }
            : part,
    2,
  );
