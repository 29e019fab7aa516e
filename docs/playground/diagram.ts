import type { Lane, Mark } from './trace.js';

const laneHeight = 104;
const lineAt = 58;
const operatorHeight = 46;
const radius = 17;
/** Between two marks of a lane: their bodies, and about a character of their captions. */
const apart = 44;
const character = 6.3;
const left = 26;
/** ms without any mark after which the time line is cut short. */
const longestPause = 1_400;

const tops: Readonly<Record<Lane, number>> = {
  http: 0,
  cometd: laneHeight,
  result: 2 * laneHeight + operatorHeight,
};
const height = 3 * laneHeight + operatorHeight;

const namespace = 'http://www.w3.org/2000/svg';

const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly (Node | string)[] = [],
): SVGElement => {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
};

interface Placed {
  readonly mark: Mark;
  readonly x: number;
}

const distance = (one: Mark, other: Mark): number =>
  Math.max(
    one.shape === 'tick' || other.shape === 'tick' || other.shape === 'complete' ? 30 : apart,
    ((one.caption.length + other.caption.length) / 2) * character + 10,
  );

/** Marble diagrams that grow while their streams run. Time is to scale, except where it would pile up or where nothing happens. */
export class Diagram {
  readonly #svg = element('svg', { class: 'marbles', height, 'aria-hidden': 'true', focusable: 'false' });
  readonly #lines = element('g', { class: 'lines' });
  readonly #links = element('g', { class: 'links' });
  readonly #marks = element('g', { class: 'marks' });
  readonly #heads = element('g', { class: 'heads' });
  readonly #operatorBox: SVGElement;
  readonly #isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #placed: Placed[] = [];
  readonly #lastIn = new Map<Lane, Placed>();
  #begin = 0;
  #isRunning = false;
  /** Nobody has scrolled back. */
  #isFollowed = true;
  #isResultOver = false;
  #frame = 0;

  constructor(
    private readonly strip: HTMLElement,
    private readonly operator: HTMLElement,
  ) {
    this.#operatorBox = element('rect', {
      class: 'operator',
      x: 1,
      y: 2 * laneHeight + 4,
      rx: 9,
      height: operatorHeight - 8,
    });
    this.#svg.append(this.#operatorBox, this.#lines, this.#links, this.#marks, this.#heads);
    strip.append(this.#svg);
    strip.addEventListener('scroll', () => {
      this.#isFollowed = strip.scrollLeft + strip.clientWidth >= strip.scrollWidth - 60;
    });
    new ResizeObserver(() => this.#draw()).observe(strip);
    this.#draw();
  }

  /** ms since the run began. */
  get now(): number {
    return performance.now() - this.#begin;
  }

  get #pixelsPerSecond(): number {
    return Math.max(75, this.strip.clientWidth / 6);
  }

  begin(operator: string): void {
    this.#placed.length = 0;
    this.#lastIn.clear();
    this.#marks.replaceChildren();
    this.#links.replaceChildren();
    this.operator.textContent = operator;
    this.#begin = performance.now();
    this.#isRunning = true;
    this.#isResultOver = false;
    this.#isFollowed = true;
    this.#tick();
  }

  /** The sources stop as well: the session is closed. */
  end(): void {
    this.#isRunning = false;
    cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  add(mark: Mark): void {
    const previous = this.#placed.at(-1);
    const before = this.#lastIn.get(mark.lane);
    const passed = Math.min(mark.at - (previous?.mark.at ?? 0), longestPause);
    const placed = {
      mark,
      x: Math.max(
        (previous?.x ?? left) + (passed * this.#pixelsPerSecond) / 1000,
        before === undefined ? left + radius : before.x + distance(before.mark, mark),
        (previous?.x ?? left) + 5,
      ),
    };
    if (previous !== undefined && mark.at - previous.mark.at > longestPause) this.#cut(previous, placed);
    this.#placed.push(placed);
    this.#lastIn.set(mark.lane, placed);
    if (mark.lane === 'result' && (mark.shape === 'complete' || mark.shape === 'error')) this.#isResultOver = true;
    const source = this.#placed.find((each) => each.mark === mark.from);
    if (source !== undefined) this.#links.append(link(source, placed));
    this.#marks.append(draw(placed));
    this.#draw();
  }

  /** Where time was cut short, it is said how much. */
  #cut(previous: Placed, next: Placed): void {
    const x = (Math.max(previous.x + radius, next.x - 90) + next.x - radius) / 2;
    const seconds = ((next.mark.at - previous.mark.at) / 1000).toFixed(0);
    this.#marks.append(
      element('text', { class: 'pause', x, y: laneHeight - 4, 'text-anchor': 'middle' }, [`⋯ ${seconds} s ⋯`]),
    );
  }

  #tick(): void {
    this.#draw();
    if (this.#isCalm.matches) return;
    this.#frame = requestAnimationFrame(() => {
      if (this.#isRunning) this.#tick();
    });
  }

  #draw(): void {
    const last = this.#placed.at(-1);
    const passed = this.#isRunning ? Math.min(this.now - (last?.mark.at ?? 0), longestPause) : 0;
    const now = Math.max(
      (last?.x ?? left) + (this.#isCalm.matches ? 40 : (passed * this.#pixelsPerSecond) / 1000),
      left + 12,
    );
    const width = Math.max(this.strip.clientWidth, now + 70);
    if (this.#svg.getAttribute('width') !== String(width)) this.#svg.setAttribute('width', String(width));
    if (this.#isFollowed && width > this.strip.clientWidth) this.strip.scrollLeft = width;
    this.#operatorBox.setAttribute('width', String(width - 2));
    const isBlank = this.#placed.length === 0 && !this.#isRunning;
    const lanes: readonly Lane[] = ['http', 'cometd', 'result'];
    this.#lines.replaceChildren(
      ...lanes.map((lane) => {
        const y = tops[lane] + lineAt;
        const ended = lane === 'result' && this.#isResultOver ? (this.#lastIn.get(lane)?.x ?? now) : undefined;
        const end = ended ?? (isBlank ? width - 22 : now + 30);
        return element('path', { class: isBlank ? 'axis blank' : 'axis', d: `M${left - 12} ${y}H${end}` });
      }),
    );
    this.#heads.replaceChildren(
      ...lanes.flatMap((lane) => {
        if (lane === 'result' && this.#isResultOver) return [];
        const y = tops[lane] + lineAt;
        const x = isBlank ? width - 22 : now + 30;
        return [
          element('path', {
            class: isBlank ? 'head blank' : 'head',
            d: `M${x - 7} ${y - 6}L${x} ${y}L${x - 7} ${y + 6}`,
          }),
        ];
      }),
    );
  }
}

const link = (source: Placed, target: Placed): SVGElement => {
  const from = tops[source.mark.lane] + lineAt + radius;
  const to = tops.result + lineAt - radius - 3;
  const middle = 2 * laneHeight + operatorHeight / 2;
  return element('path', {
    class: 'link',
    d: `M${source.x} ${from}C${source.x} ${middle} ${target.x} ${middle} ${target.x} ${to}`,
  });
};

const shapeOf = ({ mark: { shape }, x }: Placed, y: number): readonly SVGElement[] => {
  switch (shape) {
    case 'marble':
      return [element('circle', { class: 'body', cx: x, cy: y, r: radius })];
    case 'failed':
      return [
        element('path', {
          class: 'body',
          d: `M${x} ${y - radius - 2}L${x + radius + 2} ${y}L${x} ${y + radius + 2}L${x - radius - 2} ${y}Z`,
        }),
      ];
    case 'reply':
      return [
        element('rect', { class: 'body', x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius, rx: 7 }),
      ];
    case 'gap':
      return [element('rect', { class: 'body', x: x - 20, y: y - 13, width: 40, height: 26, rx: 13 })];
    case 'tick':
      return [element('circle', { class: 'body small', cx: x, cy: y, r: 5 })];
    case 'complete':
      return [element('path', { class: 'end', d: `M${x} ${y - 22}V${y + 22}` })];
    case 'error':
      return [element('path', { class: 'end', d: `M${x - 13} ${y - 13}l26 26m0-26l-26 26` })];
  }
};

const draw = (placed: Placed): SVGElement => {
  const { mark, x } = placed;
  const y = tops[mark.lane] + lineAt;
  const isSmall = mark.shape === 'tick';
  const classes = [
    'mark',
    mark.shape,
    mark.isBad === true ? 'bad' : '',
    mark.tone === undefined ? '' : `tone-${mark.tone % 6}`,
  ];
  const children = [...shapeOf(placed, y)];
  if (mark.label !== '' && !isSmall) {
    children.push(element('text', { class: 'label', x, y: y + 5, 'text-anchor': 'middle' }, [mark.label]));
  }
  if (mark.caption !== '') {
    const below = y + (isSmall ? 20 : radius + 15);
    children.push(element('text', { class: 'caption', x, y: below, 'text-anchor': 'middle' }, [mark.caption]));
  }
  return element('g', { class: classes.filter((name) => name !== '').join(' ') }, children);
};
