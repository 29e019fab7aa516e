import { createElement as h, useEffect, useState } from 'react';
import { type Item, type Workbins, collectItems } from 'rx-workbins';

/** What a component knows of some workbins: what is in them, or why nothing can be said. */
export interface WorkbinsState {
  readonly items?: ReadonlyMap<string, Item>;
  readonly error?: unknown;
}

/**
 * What is in some workbins now. Watches them while the component is mounted; give it ids that keep their identity
 * (a constant, `useMemo`), or it subscribes anew with every render.
 */
export const useWorkbins = (
  workbins: Workbins,
  ids: readonly string[],
): WorkbinsState => {
  const [state, setState] = useState<WorkbinsState>({});
  useEffect(() => {
    setState({});
    const subscription = workbins
      .watch(ids)
      .pipe(collectItems({ from: workbins }))
      .subscribe({
        next: (items) => setState({ items }),
        error: (error: unknown) => setState({ error }),
      });
    return () => subscription.unsubscribe();
  }, [workbins, ids]);
  return state;
};

export interface WorkbinListProps {
  readonly workbins: Workbins;
  readonly ids: readonly string[];
}

export const WorkbinList = ({ workbins, ids }: WorkbinListProps) => {
  const { items, error } = useWorkbins(workbins, ids);
  if (error !== undefined)
    return h(
      'p',
      { role: 'alert' },
      error instanceof Error ? error.message : 'Not available.',
    );
  const countOf = (id: string): number | undefined =>
    items === undefined
      ? undefined
      : [...items.values()].filter(({ workbinId }) => workbinId === id).length;
  return h(
    'ul',
    null,
    ids.map((id) =>
      h('li', { key: id }, `${id} `, h('output', null, countOf(id) ?? '…')),
    ),
  );
};
