// Web Services in memory, behind a `fetch`: what a contender sends is read, what it gets is JSON text.
/* global Headers */
import { setImmediate } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

export const topic = '/v2/me/workbins';
export const userId = 'e6f2ad1b26ea4e9b8dd907eabe167522';
const clientId = '2zvpk1l4nl2b31oq0k5hvkyfx';
const noHeaders = new Headers({ 'content-type': 'application/json' });

/** Ids as they are today: UUIDs, the same in every run. */
export const workbinIds = (count) =>
  Array.from({ length: count }, (_, index) => {
    const hex = (BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(16).slice(-32).padStart(32, '0');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  });

const itemMessage = (workbinId, serial) => ({
  channel: topic,
  data: {
    workbinUserId: userId,
    id: workbinId,
    action: serial % 2 === 0 ? 'ItemAdded' : 'ItemRemoved',
    chatStateResourceV2: {
      subject: `Interaction ${serial}`,
      id: `00015aDRUSU7${serial.toString(36).toUpperCase().padStart(4, '0')}`,
    },
    messageType: 'WorkbinStateChangeMessage',
  },
});

/** Messages of long polls' answers, as JSON text: chat items in workbins all over the list. */
export const framesOf = (ids, count, messagesPerFrame) => {
  let state = 1;
  const random = (limit) => (state = (state * 48_271) % 0x7fffffff) % limit;
  return Array.from({ length: count }, (_, frame) => {
    const messages = Array.from({ length: messagesPerFrame }, (_, index) =>
      itemMessage(ids[random(ids.length)], frame * messagesPerFrame + index),
    );
    return messages.map((message) => JSON.stringify(message)).join(',');
  });
};

/** @param latency - ms of a round trip: half of it there, half of it back */
export const createServer = ({ latency = 0 } = {}) => {
  const counts = { requests: 0, operations: 0 };
  /** The long poll that waits: CometD wants its id in the reply. */
  let held;
  let onHeld;
  let isFirstConnect = true;
  let pushes = [];
  let lastReferenceId = 0;

  const hold = (id, resolve) => {
    held = { id, resolve };
    onHeld?.();
    onHeld = undefined;
    flush();
  };
  /** Answers the long poll that waits: messages first, then the reply to the poll itself. */
  const answer = (messages) => {
    const { id, resolve } = held;
    held = undefined;
    resolve(`[${messages},{"channel":"/meta/connect","id":"${id}","successful":true}]`);
  };
  const flush = () => {
    if (held === undefined || pushes.length === 0) return;
    const messages = pushes;
    pushes = [];
    answer(messages.map((data) => JSON.stringify({ channel: topic, data })).join(','));
  };

  const bayeux = (body) => {
    // As cheap as can be on the path that is timed: the poll is recognised by its text.
    if (body.includes('"/meta/connect"') && !isFirstConnect) {
      const [, id] = /"id":"(\d+)"/.exec(body);
      return new Promise((resolve) => hold(id, resolve));
    }
    return JSON.stringify(
      JSON.parse(body).map(({ channel, id, subscription }) => {
        const reply = { channel, id, successful: true };
        if (channel === '/meta/subscribe') return { ...reply, subscription };
        if (channel === '/meta/handshake') {
          return { ...reply, clientId, version: '1.0', supportedConnectionTypes: ['long-polling'] };
        }
        isFirstConnect &&= channel !== '/meta/connect';
        return { ...reply, advice: { reconnect: 'retry', interval: 0, timeout: 60_000 } };
      }),
    );
  };

  const operate = (url, body) => {
    const { operationName } = JSON.parse(body);
    const several = url.searchParams.get('workbinIds');
    const ids = several === null ? [decodeURIComponent(url.pathname.split('/').pop())] : several.split(',');
    const references = ids.map((id) => [id, ++lastReferenceId]);
    counts.operations++;
    for (const [id, referenceId] of references) {
      const stateResource = `${operationName}d`;
      pushes.push({ stateResource, id, referenceId, messageType: 'WorkbinSubscriptionStateChangeMessage' });
    }
    setImmediate(flush);
    return JSON.stringify(
      several === null
        ? { statusCode: 0, referenceId: references[0][1] }
        : { statusCode: 0, referenceIds: Object.fromEntries(references) },
    );
  };

  const route = (url, { body } = {}) => {
    if (url.endsWith('/notifications')) return bayeux(body);
    if (body === undefined) return JSON.stringify({ statusCode: 0, user: { id: userId } });
    return operate(new URL(url), body);
  };

  return {
    counts,
    fetch: async (input, init) => {
      counts.requests++;
      if (latency > 0) await sleep(latency / 2);
      const text = await route(String(input), init);
      if (latency > 0) await sleep(latency / 2);
      return { status: 200, headers: noHeaders, text: async () => text };
    },
    /** Resolves once a long poll waits. */
    polled: () =>
      held !== undefined
        ? Promise.resolve()
        : new Promise((resolve) => {
            onHeld = resolve;
          }),
    /** Answers the long poll that waits; resolves when the next one does. */
    deliver(messages) {
      answer(messages);
      return this.polled();
    },
  };
};
