import type { Directory } from './directory.js';
import { isVisible, type Items } from './items.js';
import { jsonReply, type Reply } from './reply.js';
import type { WorkbinScope } from '../scope.js';
import { refusal } from './status.js';
import type { SandboxUser, SandboxWorkbin } from './types.js';

/** What a GET is answered from. */
export interface Reader {
  readonly directory: Directory;
  readonly items: Items;
  /** The server's own URL, for the `uri`s. */
  readonly url: string;
}

/** `GET …/workbins?fields=*`; without `fields`, ids and uris only. */
export function listWorkbins(reader: Reader, scope: WorkbinScope, user: SandboxUser, query: URLSearchParams): Reply {
  const isWhole = query.get('fields') !== null;
  const workbins = reader.directory.list(scope, user).map((workbin) => {
    const { id, uri, ...more } = resourceOf(workbin, reader.url);
    return isWhole ? { ...more, id, uri } : { id, uri };
  });
  return jsonReply({ statusCode: 0, workbins });
}

/** `GET …/workbins/{id}?subresources=*`, or a list of media; without it, the workbin alone. */
export function workbinContent(
  reader: Reader,
  scope: WorkbinScope,
  user: SandboxUser,
  workbinId: string,
  query: URLSearchParams,
): Reply {
  const workbin = reader.directory.find(workbinId, scope, user);
  if (workbin === undefined) return refusal(6);
  const media = (query.get('subresources') ?? '').split(',').filter((medium) => medium !== '');
  const content = new Map<string, unknown[]>(
    media.includes('*')
      ? [
          ['chats', []],
          ['emails', []],
        ]
      : [],
  );
  for (const item of reader.items.in(workbinId)) {
    if (!isVisible(item, scope, user) || !(media.includes('*') || media.includes(item.medium))) continue;
    const key = `${item.medium}s`;
    content.set(key, [...(content.get(key) ?? []), item.interaction]);
  }
  return jsonReply({
    statusCode: 0,
    workbin: { ...resourceOf(workbin, reader.url), ...Object.fromEntries(content) },
  });
}

/** Genesys' samples call the name `workbinName` in most workbins and `name` in those of a place. */
function resourceOf({ id, name, displayName, type }: SandboxWorkbin, url: string) {
  return {
    ...(type === 'Place' ? { name } : { workbinName: name }),
    id,
    displayName,
    uri: `${url}/api/v2/workbins/${encodeURIComponent(id)}`,
    type,
  };
}
