import {
  type Item,
  type Workbins,
  collectItems,
  isWorkbinError,
  progress,
} from 'rx-workbins';
import { Subscription, connect, merge, tap } from 'rxjs';

const countIn = (id: string, items: ReadonlyMap<string, Item>): number =>
  [...items.values()].filter(({ workbinId }) => workbinId === id).length;

/**
 * Shows workbins with the number of items in each, and a progress bar until all are subscribed.
 *
 * Unsubscribing empties the element, and ends the notifications at the server.
 */
export const showWorkbins = (
  element: HTMLElement,
  workbins: Workbins,
  ids: readonly string[],
): Subscription => {
  const { ownerDocument: document } = element;
  const bar = document.createElement('progress');
  bar.max = ids.length;
  bar.setAttribute('aria-label', 'Subscribing');
  const list = document.createElement('ul');
  const counters = new Map(
    ids.map((id) => {
      const row = document.createElement('li');
      const counter = document.createElement('output');
      counter.textContent = '…';
      row.append(`${id} `, counter);
      list.append(row);
      return [id, counter];
    }),
  );
  element.replaceChildren(bar, list);

  // One watch, two views on it.
  const subscription = workbins
    .watch(ids)
    .pipe(
      connect((events$) =>
        merge(
          events$.pipe(
            progress(ids),
            tap(({ subscribed, failed, pending }) => {
              bar.value = subscribed.length + failed.length;
              bar.hidden = pending.length === 0;
              for (const id of failed)
                counters.get(id)?.replaceChildren('not available');
            }),
          ),
          events$.pipe(
            collectItems({ from: workbins }),
            tap((items) => {
              for (const [id, counter] of counters)
                counter.replaceChildren(String(countIn(id, items)));
            }),
          ),
        ),
      ),
    )
    .subscribe({
      error: (error: unknown) => {
        element.replaceChildren(
          isWorkbinError(error)
            ? error.message
            : 'The workbins cannot be shown.',
        );
      },
    });
  return new Subscription(() => {
    subscription.unsubscribe();
    element.replaceChildren();
  });
};
