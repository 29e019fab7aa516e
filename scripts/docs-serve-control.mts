import type { Fault, FaultMatch, Medium, Sandbox } from '../src/sandbox/index.js';

/** What the playground may ask of its sandbox. */
export type Wish =
  | { readonly do: 'fault'; readonly kind: string; readonly workbinIds: readonly string[] }
  | {
      readonly do: 'add-item' | 'remove-item';
      readonly workbinId: string;
      readonly owner: Readonly<Record<string, string>>;
    }
  | { readonly do: 'kill-cometd' | 'drop-http' | 'restart' };

const media: readonly Medium[] = ['chat', 'email', 'workitem', 'facebook'];
const subscribing: FaultMatch = { operation: 'Subscribe' };

/** The fault that a run of the playground meets. Ids: those that are asked for; where one fails, it is the last. */
const faultOf = (kind: string, workbinIds: readonly string[]): readonly [FaultMatch, Fault] | undefined => {
  const last = workbinIds.at(-1) ?? '';
  const once = { ...subscribing, workbinId: last, times: 1 };
  switch (kind) {
    case 'push-first':
      return [subscribing, { kind: 'push', order: 'before' }];
    case 'reversed':
      return [subscribing, { kind: 'push', reverse: true, copies: 2 }];
    case 'one-fails':
      return [once, { kind: 'request-failed', workbinIds: [last] }];
    case 'partial':
      return [once, { kind: 'partial', without: [last] }];
    case 'forbidden':
      return [
        { ...subscribing, workbinId: last },
        { kind: 'status', statusCode: 5 },
      ];
    case 'busy':
      return [
        { ...subscribing, times: 2 },
        { kind: 'reply', status: 503, headers: { 'Retry-After': '1' } },
      ];
    case 'silent':
      return [subscribing, { kind: 'push', change: (message) => (message['id'] === last ? undefined : message) }];
    case 'csrf':
      return [
        { ...subscribing, times: 1 },
        { kind: 'reply', status: 403, body: 'Missing or invalid Csrf token' },
      ];
    default:
      return undefined;
  }
};

/** Turns the playground's wishes into calls of the sandbox. */
export const createControl = (sandbox: Sandbox): ((wish: Wish) => Promise<unknown>) => {
  const added: { readonly workbinId: string; readonly interactionId: string }[] = [];
  let lift = (): void => undefined;
  let count = 0;
  return async (wish) => {
    switch (wish.do) {
      case 'fault': {
        lift();
        lift = () => undefined;
        const fault = faultOf(wish.kind, wish.workbinIds);
        if (fault !== undefined) lift = sandbox.fault(...fault);
        return {};
      }
      case 'add-item': {
        const medium = media[count++ % media.length] ?? 'chat';
        const interactionId = sandbox.addItem(wish.workbinId, { medium, ...wish.owner });
        added.push({ workbinId: wish.workbinId, interactionId });
        return { interactionId, medium };
      }
      case 'remove-item': {
        const index = added.findLastIndex(({ workbinId }) => workbinId === wish.workbinId);
        const [item] = index < 0 ? [] : added.splice(index, 1);
        return { removed: item !== undefined && sandbox.removeItem(item.workbinId, item.interactionId) };
      }
      case 'kill-cometd':
        sandbox.killBayeuxSessions();
        return {};
      case 'drop-http':
        sandbox.killHttpSessions();
        return {};
      case 'restart':
        await sandbox.restart();
        return {};
    }
  };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A wish as it came over HTTP; `undefined` where it is none. */
export const wishOf = (value: unknown): Wish | undefined => {
  if (!isRecord(value)) return undefined;
  const { workbinId, kind, workbinIds, owner = {} } = value;
  switch (value['do']) {
    case 'fault':
      return typeof kind === 'string' && Array.isArray(workbinIds)
        ? { do: 'fault', kind, workbinIds: workbinIds.map(String) }
        : undefined;
    case 'add-item':
    case 'remove-item':
      return typeof workbinId === 'string' && isRecord(owner)
        ? {
            do: value['do'],
            workbinId,
            owner: Object.fromEntries(
              Object.entries(owner)
                .filter(([name]) => ['userId', 'agentGroup', 'placeGroup'].includes(name))
                .map(([name, text]) => [name, String(text)]),
            ),
          }
        : undefined;
    case 'kill-cometd':
    case 'drop-http':
    case 'restart':
      return { do: value['do'] };
    default:
      return undefined;
  }
};
