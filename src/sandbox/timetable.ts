import type { HttpSessions } from './http-sessions.js';
import type { WorkbinScope } from '../scope.js';
import type { ItemOwner, Medium, SandboxItem, SandboxUser, SandboxWorkbin } from './types.js';

interface Place {
  readonly workbinId: string;
  readonly owner: ItemOwner;
}

interface Desk {
  readonly workbins: readonly SandboxWorkbin[];
  readonly sessions: HttpSessions;
  add(workbinId: string, item: SandboxItem): string;
  remove(workbinId: string, interactionId: string): boolean;
}

const media: readonly Medium[] = ['chat', 'email', 'workitem'];

/** Returns one step of the timetable: two items come, one goes, where somebody is subscribed before anywhere else. */
export function createTimetable(desk: Desk): () => void {
  const lying: { readonly workbinId: string; readonly interactionId: string }[] = [];
  let step = 0;
  return () => {
    step += 1;
    const oldest = step % 3 === 0 ? lying.shift() : undefined;
    if (oldest !== undefined) {
      desk.remove(oldest.workbinId, oldest.interactionId);
      return;
    }
    const places = placesOf(desk);
    const place = places[step % places.length];
    if (place === undefined) return;
    const item = { medium: media[step % media.length] ?? 'chat', ...place.owner };
    lying.push({ workbinId: place.workbinId, interactionId: desk.add(place.workbinId, item) });
    // without a limit a demo that runs for days would fill up
    const excess = lying.length > 50 ? lying.shift() : undefined;
    if (excess !== undefined) desk.remove(excess.workbinId, excess.interactionId);
  };
}

function placesOf({ sessions, workbins }: Desk): readonly Place[] {
  const subscribed = [...sessions].flatMap((session) =>
    [...session.subscribed()].map(({ scope, workbinId }) => ({ workbinId, owner: ownerIn(scope, session.user) })),
  );
  return subscribed.length > 0 ? subscribed : workbins.map(({ id }) => ({ workbinId: id, owner: {} }));
}

function ownerIn(scope: WorkbinScope, user: SandboxUser): ItemOwner {
  switch (scope.kind) {
    case 'me':
      return { userId: user.id };
    case 'user':
      return { userId: scope.userId };
    case 'any':
      return {};
    case 'agentGroup':
      return { agentGroup: scope.name };
    case 'placeGroup':
      return { placeGroup: scope.name };
  }
}
