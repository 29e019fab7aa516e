/** What can be asked of the sandbox to go wrong, in the words of the page. */
export const faults = [
  ['none', 'Nothing', 'Reply first, messages after it: the order that one expects.'],
  [
    'push-first',
    'The message overtakes the reply',
    'CometD confirms before the POST is answered. It happens to 6 to 17 % of calls; the result still begins with the reply.',
  ],
  [
    'reversed',
    'Messages backwards, and twice',
    'The messages come in another order than the ids, each of them twice. Each workbin settles once.',
  ],
  [
    'one-fails',
    'CometD refuses the last one',
    'The POST is fine, then a RequestFailed comes. The others succeed first, then the error says which one failed.',
  ],
  [
    'partial',
    'The reply leaves the last one out',
    'statusCode 7, partial success: what is missing in referenceIds fails, the rest goes on.',
  ],
  [
    'forbidden',
    'The last one is forbidden',
    'statusCode 5 for the whole request: the library takes it apart, so that a forbidden workbin fails alone.',
  ],
  ['silent', 'The last confirmation never comes', 'Nothing hangs: after five seconds the error names the workbin.'],
  ['busy', 'The server is busy (503, twice)', 'Passing trouble is retried with backoff, unseen by the subscriber.'],
  ['csrf', 'The CSRF token has expired', 'A token is fetched, once, and the request goes out again.'],
] as const satisfies readonly (readonly [kind: string, name: string, help: string])[];
