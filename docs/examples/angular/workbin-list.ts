import { AsyncPipe, KeyValuePipe } from '@angular/common';
import { Component, InjectionToken, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { type Item, type Workbins, collectItems } from 'rx-workbins';
import { map } from 'rxjs';

/** The client, provided once: `{ provide: WORKBINS, useFactory: () => createWorkbinClient({ baseUrl }) }`. */
export const WORKBINS = new InjectionToken<Workbins>('workbins');
/** Which workbins to show. */
export const WORKBIN_IDS = new InjectionToken<readonly string[]>('workbin ids');

const countsOf = (
  items: ReadonlyMap<string, Item>,
  ids: readonly string[],
): ReadonlyMap<string, number> => {
  const counts = new Map(ids.map((id) => [id, 0]));
  for (const { workbinId } of items.values())
    counts.set(workbinId, (counts.get(workbinId) ?? 0) + 1);
  return counts;
};

/** With the async pipe: it subscribes with the view, and unsubscribes with it. */
@Component({
  selector: 'workbin-list',
  imports: [AsyncPipe, KeyValuePipe],
  template: `
    <ul>
      @for (entry of counts$ | async | keyvalue; track entry.key) {
        <li>
          {{ entry.key }} <output>{{ entry.value }}</output>
        </li>
      }
    </ul>
  `,
})
export class WorkbinList {
  readonly #workbins = inject(WORKBINS);
  readonly #ids = inject(WORKBIN_IDS);
  readonly counts$ = this.#workbins.watch(this.#ids).pipe(
    collectItems({ from: this.#workbins }),
    map((items) => countsOf(items, this.#ids)),
  );
}

/** With signals: what is derived is computed when it is read. */
@Component({
  selector: 'workbin-total',
  template: `
    <p>
      {{ total() }} items, <strong>{{ busiest() ?? 'all quiet' }}</strong>
    </p>
  `,
})
export class WorkbinTotal {
  readonly #workbins = inject(WORKBINS);
  readonly #items = toSignal(
    this.#workbins
      .watch(inject(WORKBIN_IDS))
      .pipe(collectItems({ from: this.#workbins })),
    { initialValue: new Map<string, Item>() },
  );
  readonly total = computed(() => this.#items().size);
  readonly busiest = computed(() => {
    const counts = [...countsOf(this.#items(), [])].sort(
      ([, a], [, b]) => b - a,
    );
    return counts[0]?.[0];
  });
}
