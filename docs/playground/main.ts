import type { Item, WorkbinScope } from 'rx-workbins';
import { Diagram } from './diagram.js';
import { faults } from './faults.js';
import { Run } from './run.js';
import { type SandboxInfo, ask, findSandbox } from './sandbox.js';
import { type Line, letterOf } from './trace.js';
import { callOf, programOf, toJson } from './words.js';

const find = <T extends Element>(selector: string, type: new () => T): T => {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new TypeError(`${selector} is not on the page`);
  return found;
};
const make = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[K] => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const form = find('#form', HTMLFormElement);
const ids = find('#ids', HTMLTextAreaElement);
const scope = find('#scope', HTMLSelectElement);
const ownerField = find('#owner-field', HTMLElement);
const ownerLabel = find('#owner-label', HTMLElement);
const owner = find('#owner', HTMLInputElement);
const fault = find('#fault', HTMLSelectElement);
const pace = find('#pace', HTMLSelectElement);
const stopButton = find('#stop', HTMLButtonElement);
const meanwhile = find('#meanwhile', HTMLFieldSetElement);
const status = find('#status', HTMLElement);
const formError = find('#form-error', HTMLElement);
const log = find('#log', HTMLOListElement);
const rows = find('#workbins', HTMLTableSectionElement);
const diagram = new Diagram(find('#strip', HTMLElement), find('#operator', HTMLElement));

const owners = new Map([
  ['user', { label: 'User id', value: '' }],
  ['agentGroup', { label: 'Name of the agent group', value: 'Claims & Complaints' }],
  ['placeGroup', { label: 'Name of the place group', value: 'Branch, first floor' }],
]);

let sandbox: SandboxInfo | undefined;
let run: Run | undefined;
/** Counts the starts: what an earlier one still brings is no longer of interest. */
let turn = 0;

const wantedIds = (): readonly string[] => [
  ...new Set(
    ids.value
      .split(/[\n,]/)
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  ),
];

const wantedScope = (): WorkbinScope => {
  const text = owner.value.trim();
  switch (scope.value) {
    case 'any':
      return { kind: 'any' };
    case 'user':
      return { kind: 'user', userId: text };
    case 'agentGroup':
      return { kind: 'agentGroup', name: text };
    case 'placeGroup':
      return { kind: 'placeGroup', name: text };
    default:
      return { kind: 'me' };
  }
};

/** Whose instance of a workbin an item has to lie in, to be seen. */
const ownerOf = (wanted: WorkbinScope): object => {
  switch (wanted.kind) {
    case 'user':
      return { userId: wanted.userId };
    case 'agentGroup':
      return { agentGroup: wanted.name };
    case 'placeGroup':
      return { placeGroup: wanted.name };
    default:
      return {};
  }
};

const writeLine = ({ at, source, text, isBad = false, detail }: Line): void => {
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 40;
  const line = make('li', { className: isBad ? 'bad' : '' }, [
    make('span', { className: 'at', textContent: `${Math.round(at)} ms` }),
    ' ',
    make('span', { className: `source ${source.toLowerCase()}`, textContent: source }),
    ' ',
    make('span', { className: 'text', textContent: text }),
  ]);
  if (detail !== undefined) line.append(make('pre', { textContent: toJson(detail) }));
  log.append(line);
  if (log.childElementCount > 400) log.firstElementChild?.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
};

const showProgram = (method: 'subscribe' | 'watch' = 'subscribe'): void => {
  const { url = 'https://gws.example.com', username = 'agent' } = sandbox ?? {};
  find('#program', HTMLElement).textContent = programOf(url, username, wantedScope(), method, wantedIds());
};

const showChips = (): void => {
  const wanted = wantedIds();
  for (const chip of document.querySelectorAll<HTMLButtonElement>('#known button')) {
    chip.setAttribute('aria-pressed', String(wanted.includes(chip.value)));
  }
};

const nameOf = (id: string): string =>
  sandbox?.workbins.find((workbin) => workbin.id === id)?.displayName ?? 'Unknown to the sandbox';

const showRows = (wanted: readonly string[]): void => {
  rows.replaceChildren(
    ...wanted.map((id, index) =>
      make('tr', {}, [
        make('td', {}, [make('span', { className: `letter tone-${index % 6}`, textContent: letterOf(index) })]),
        make('td', {}, [
          make('span', { className: 'name', textContent: nameOf(id) }),
          make('code', { textContent: id }),
        ]),
        make('td', { className: 'state', textContent: 'pending' }),
        make('td', { className: 'number items', textContent: '–' }),
      ]),
    ),
  );
};

const rowOf = (id: string, wanted: readonly string[]): HTMLTableRowElement | undefined => rows.rows[wanted.indexOf(id)];

const begin = async (method: 'subscribe' | 'watch'): Promise<void> => {
  const wanted = wantedIds();
  const within = wantedScope();
  formError.textContent = '';
  for (const field of [ids, owner]) field.removeAttribute('aria-invalid');
  if (sandbox === undefined) {
    formError.textContent = 'There is no sandbox to talk to: start npm run docs:serve.';
    return;
  }
  if (wanted.length === 0) {
    formError.textContent = 'Type a workbin id, or choose one of the sandbox.';
    ids.setAttribute('aria-invalid', 'true');
    ids.focus();
    return;
  }
  if (owners.has(scope.value) && owner.value.trim() === '') {
    formError.textContent = `${ownerLabel.textContent}: type it.`;
    owner.setAttribute('aria-invalid', 'true');
    owner.focus();
    return;
  }
  const mine = ++turn;
  await end();
  await ask({ do: 'fault', kind: fault.value, workbinIds: wanted });
  if (mine !== turn) return;
  showRows(wanted);
  showProgram(method);
  log.replaceChildren();
  const ms = Number(pace.value);
  const isPushFirst = fault.value === 'push-first';
  const argument = wanted.length === 1 ? letterOf(0) : `[${wanted.map((_, index) => letterOf(index)).join(', ')}]`;
  diagram.begin(`${callOf(within).replace(/([0-9a-f]{4})[0-9a-f]{20,}/, '$1…')}.${method}(${argument})`);
  status.textContent = method === 'watch' ? 'Watching…' : 'Subscribing…';
  status.className = 'status';
  stopButton.disabled = false;
  meanwhile.disabled = false;
  run = new Run(
    sandbox,
    {
      method,
      ids: wanted,
      scope: within,
      pace: isPushFirst ? { reply: ms * 3, push: ms } : { reply: ms, push: ms * 2 },
      timeout: fault.value === 'silent' ? 5_000 : 15_000,
    },
    {
      now: () => diagram.now,
      mark: (mark) => {
        if (mine === turn) diagram.add(mark);
      },
      line: (line) => {
        if (mine === turn) writeLine(line);
      },
      connection: (state) => {
        if (mine !== turn) return;
        find('#connection', HTMLOutputElement).textContent = state;
        find('#connection-dot', HTMLElement).dataset['state'] = state;
      },
      workbin: (id, state, isBad = false) => {
        const cell = rowOf(id, wanted)?.querySelector('.state');
        if (cell === null || cell === undefined || mine !== turn) return;
        cell.textContent = state;
        cell.className = isBad ? 'state bad' : 'state good';
        const pending = wanted.filter(
          (each) => rowOf(each, wanted)?.querySelector('.state')?.textContent === 'pending',
        );
        if (method === 'watch' && pending.length === 0)
          status.textContent = `Watching ${wanted.length === 1 ? 'one workbin' : `${wanted.length} workbins`}. Let something happen at the server.`;
      },
      items: (items) => {
        if (mine === turn) showItems(items, wanted);
      },
      settled: (text, isBad) => {
        if (mine !== turn) return;
        status.textContent = text;
        status.className = isBad ? 'status bad' : 'status good';
      },
    },
  );
  run.begin();
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
  find('.stage', HTMLElement).scrollIntoView({ behavior, block: 'nearest' });
};

const showItems = (items: ReadonlyMap<string, Item>, wanted: readonly string[]): void => {
  for (const id of wanted) {
    const cell = rowOf(id, wanted)?.querySelector('.items');
    const count = [...items.values()].filter(({ workbinId }) => workbinId === id).length;
    if (cell !== null && cell !== undefined) cell.textContent = String(count);
  }
};

const end = async (): Promise<void> => {
  const ending = run;
  run = undefined;
  stopButton.disabled = true;
  meanwhile.disabled = true;
  await ending?.stop();
  if (ending !== undefined) diagram.end();
};

const doMeanwhile = async (wish: string): Promise<void> => {
  const [workbinId = ''] = wantedIds();
  const button = document.querySelector(`[data-do="${wish}"]`);
  writeLine({ at: diagram.now, source: 'Page', text: `asks the sandbox: ${button?.textContent ?? wish}` });
  await ask(wish.endsWith('-item') ? { do: wish, workbinId, owner: ownerOf(wantedScope()) } : { do: wish });
  if (wish !== 'drop-http') return;
  writeLine({
    at: diagram.now,
    source: 'Page',
    text: 'no message says that the HTTP session is gone: the next answer to a GET shows it. The page asks for its list',
  });
  run?.look();
};

const complain = (error: unknown): void => {
  formError.textContent = error instanceof Error ? error.message : String(error);
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  begin('subscribe').catch(complain);
});
find('#watch', HTMLButtonElement).addEventListener('click', () => {
  begin('watch').catch(complain);
});
stopButton.addEventListener('click', () => {
  // A disabled button would drop the focus.
  if (document.activeElement === stopButton) find('#subscribe', HTMLButtonElement).focus();
  if (!status.className.includes('good') && !status.className.includes('bad')) status.textContent = 'Stopped.';
  end().catch(complain);
});
meanwhile.addEventListener('click', ({ target }) => {
  const wish = target instanceof HTMLButtonElement ? target.dataset['do'] : undefined;
  if (wish !== undefined) doMeanwhile(wish).catch(complain);
});
ids.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
find('#details', HTMLInputElement).addEventListener('change', ({ target }) => {
  log.classList.toggle('with-details', target instanceof HTMLInputElement && target.checked);
});
fault.addEventListener('change', () => {
  find('#fault-help', HTMLElement).textContent = faults.find(([kind]) => kind === fault.value)?.[2] ?? '';
});
scope.addEventListener('change', () => {
  const wanted = owners.get(scope.value);
  ownerField.hidden = wanted === undefined;
  if (wanted === undefined) return;
  ownerLabel.textContent = wanted.label;
  owner.value = wanted.value;
});
form.addEventListener('input', () => {
  showChips();
  if (run === undefined) showProgram();
});

// The session is given back before the page goes; a page that comes back from the browser's cache starts anew.
addEventListener('pagehide', () => run?.leave());
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  run = undefined;
  stopButton.disabled = true;
  meanwhile.disabled = true;
  diagram.end();
});

const lanes = [
  ['POST', 'the HTTP reply'],
  ['CometD', '/v2/me/workbins'],
  ['result', 'the Observable'],
] as const;
find('#lanes', HTMLElement).prepend(
  ...lanes.map(([name, more]) =>
    make('div', { className: `lane ${name.toLowerCase()}` }, [make('b', { textContent: name }), ` ${more}`]),
  ),
);
fault.append(...faults.map(([value, textContent]) => make('option', { value, textContent })));
fault.dispatchEvent(new Event('change'));

const start = async (): Promise<void> => {
  sandbox = await findSandbox();
  if (sandbox === undefined) {
    const notice = find('#offline', HTMLElement);
    notice.hidden = false;
    notice.append(
      'This page needs its sandbox. In the repository, run ',
      make('code', { textContent: 'npm run docs:serve' }),
      ' and open the URL it prints.',
    );
    return;
  }
  const { workbins, users } = sandbox;
  ids.value = workbins
    .slice(0, 2)
    .map(({ id }) => id)
    .join('\n');
  owners.set('user', { label: 'User id', value: users.at(1)?.id ?? '' });
  find('#known', HTMLElement).append(
    ...workbins.map(({ id, displayName }) => {
      const chip = make('button', { type: 'button', value: id, textContent: displayName });
      chip.addEventListener('click', () => {
        const wanted = wantedIds();
        ids.value = (wanted.includes(id) ? wanted.filter((each) => each !== id) : [...wanted, id]).join('\n');
        form.dispatchEvent(new Event('input'));
      });
      return chip;
    }),
  );
  showChips();
  showProgram();
  showRows([]);
  document.body.dataset['ready'] = 'true';
};
start().catch(complain);
