// Draws the pictures of the guides: node docs/guides/images/draw.mjs
// Each picture is a card of its own colours, light or dark as the reader's system is, so that it is readable on any page.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const style = `
  .card { fill: #ffffff; stroke: #d5dbe6 }
  text { font: 15px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #1d2533 }
  .small { font-size: 13px; fill: #51607a }
  .note { paint-order: stroke; stroke: #ffffff; stroke-width: 6px; stroke-linejoin: round }
  .mono { font-family: ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace; font-size: 14px }
  .line { stroke: #6b7a94; stroke-width: 2; fill: none }
  .hint { stroke: #9aa7bd; stroke-width: 1.5; stroke-dasharray: 3 4; fill: none }
  .end { stroke: #1d2533; stroke-width: 3 }
  .fault { stroke: #c62f3b; stroke-width: 3.5 }
  .http { fill: #1769c2 } .comet { fill: #8a3fb0 } .other { fill: #7d889b } .bad { fill: #c62f3b } .gap { fill: #a86400 } .item { fill: #1d7f4f }
  .inside { fill: #ffffff; font-weight: 600; text-anchor: middle }
  .state { fill: #edf2fa; stroke: #6b7a94; stroke-width: 1.5 }
  .mid { text-anchor: middle }
  @media (prefers-color-scheme: dark) {
    .card { fill: #1a2130; stroke: #36425a }
    .note { stroke: #1a2130 }
    text { fill: #e8edf6 } .small { fill: #a9b6cc }
    .line { stroke: #8b9ab3 } .hint { stroke: #63718a } .end { stroke: #e8edf6 } .fault { stroke: #ff7b84 }
    .http { fill: #2b7fdc } .comet { fill: #a45bc9 } .other { fill: #67738a } .bad { fill: #d8434e } .gap { fill: #b97411 } .item { fill: #27935f }
    .state { fill: #27314a; stroke: #8b9ab3 }
  }`;
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const picture = (
  width,
  height,
  title,
  body,
) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escape(title)}</title>
<style>${style}
</style>
<rect class="card" x="0.75" y="0.75" width="${width - 1.5}" height="${height - 1.5}" rx="10" stroke-width="1.5"/>
${body}
</svg>
`;

const left = 190;
const unit = 9.4;
const x = (at) => left + at * unit;

const marble = ({ at, kind, text, note }, y) => {
  const half = Math.max(17, text.length * 4.6 + 10);
  return (
    `<rect class="${kind}" x="${x(at) - half}" y="${y - 17}" width="${2 * half}" height="34" rx="17"/>` +
    `<text class="inside" x="${x(at)}" y="${y + 5}">${escape(text)}</text>` +
    (note === undefined ? '' : `<text class="small mid note" x="${x(at)}" y="${y + 36}">${escape(note)}</text>`)
  );
};
const row = ({ label, sub, marbles = [], complete, error, cut, until = 56 }, y) =>
  [
    `<text class="mono" x="20" y="${y + (sub === undefined ? 5 : -2)}">${escape(label)}</text>`,
    sub === undefined ? '' : `<text class="small" x="20" y="${y + 17}">${escape(sub)}</text>`,
    cut === undefined
      ? `<path class="line" d="M${left} ${y}H${x(complete ?? error ?? until)}"/>`
      : `<path class="line" d="M${left} ${y}H${x(cut[0])}M${x(cut[1])} ${y}H${x(until)}"/><path class="hint" d="M${x(cut[0])} ${y}H${x(cut[1])}"/>`,
    complete === undefined && error === undefined ? `<path class="line" d="M${x(until) - 8} ${y - 6}l8 6l-8 6"/>` : '',
    ...marbles.map((one) => marble(one, y)),
    complete === undefined ? '' : `<path class="end" d="M${x(complete)} ${y - 21}v42"/>`,
    error === undefined ? '' : `<path class="fault" d="M${x(error) - 11} ${y - 11}l22 22m0 -22l-22 22"/>`,
  ].join('\n');

const marbles = (name, title, rows, hints = []) => {
  const step = 92;
  const height = 46 + rows.length * step - 22;
  const body = [
    // Straight down, or down, along, and down again.
    ...hints.map(([at, from, to, turn, then]) => {
      const bend = turn === undefined ? '' : `H${x(turn)}V${46 + then * step}`;
      return `<path class="hint" d="M${x(at)} ${46 + from * step}V${46 + to * step}${bend}"/>`;
    }),
    ...rows.map((one, index) => row(one, 46 + index * step)),
  ].join('\n');
  writeFileSync(join(folder, `${name}.svg`), picture(760, height, title, body));
};

const http = { label: 'POST', sub: 'the HTTP reply' };
const comet = { label: '/v2/me/workbins', sub: 'the CometD topic' };
const result = { label: 'result', sub: 'what you subscribe to' };

marbles(
  'merge',
  'The HTTP reply and the CometD messages become one Observable',
  [
    { ...http, marbles: [{ at: 6, kind: 'http', text: 'A', note: 'a is 57, b is 56' }], complete: 9 },
    {
      ...comet,
      marbles: [
        { at: 14, kind: 'comet', text: 'b', note: 'Subscribed' },
        { at: 27, kind: 'other', text: 'z', note: "somebody else's" },
        { at: 42, kind: 'comet', text: 'a', note: 'Subscribed' },
      ],
    },
    {
      ...result,
      marbles: [
        { at: 6, kind: 'http', text: 'A', note: 'accepted' },
        { at: 14, kind: 'comet', text: 'b', note: 'state' },
        { at: 42, kind: 'comet', text: 'a', note: 'state, complete' },
      ],
      complete: 45,
    },
  ],
  [
    [6, 0, 2],
    [14, 1, 2],
    [42, 1, 2],
  ],
);
marbles(
  'race',
  'A message that overtakes the HTTP reply waits for it',
  [
    { ...http, marbles: [{ at: 30, kind: 'http', text: 'A', note: 'a is 14' }], complete: 33 },
    { ...comet, marbles: [{ at: 12, kind: 'comet', text: 'a', note: 'Subscribed, too early' }] },
    {
      ...result,
      marbles: [
        { at: 30, kind: 'http', text: 'A', note: 'accepted' },
        { at: 35, kind: 'comet', text: 'a' },
      ],
      complete: 38,
    },
  ],
  [
    [30, 0, 2],
    [12, 1, 1.62, 35, 2],
  ],
);
marbles(
  'failure',
  'One workbin fails: the error comes when all have settled, and accounts for each',
  [
    { ...http, marbles: [{ at: 6, kind: 'http', text: 'A', note: 'a is 57, b is 56' }], complete: 9 },
    {
      ...comet,
      marbles: [
        { at: 18, kind: 'bad', text: 'a', note: 'RequestFailed' },
        { at: 40, kind: 'comet', text: 'b', note: 'Subscribed' },
      ],
    },
    {
      ...result,
      marbles: [
        { at: 6, kind: 'http', text: 'A', note: 'accepted' },
        { at: 18, kind: 'bad', text: 'a', note: 'state' },
        { at: 40, kind: 'comet', text: 'b', note: 'state, SubscriptionError' },
      ],
      error: 45,
    },
  ],
  [
    [6, 0, 2],
    [18, 1, 2],
    [40, 1, 2],
  ],
);
marbles(
  'gap',
  'A lost session is restored, and a gap event says what may have been missed',
  [
    { label: 'session', sub: 'HTTP and CometD', cut: [23, 34], marbles: [{ at: 28.5, kind: 'bad', text: 'lost' }] },
    {
      label: 'watch',
      sub: 'what you subscribe to',
      marbles: [
        { at: 3, kind: 'http', text: 'A', note: 'accepted' },
        { at: 9, kind: 'comet', text: 'a', note: 'state' },
        { at: 17, kind: 'item', text: 'i', note: 'item' },
        { at: 37, kind: 'http', text: 'A', note: 'accepted' },
        { at: 42, kind: 'comet', text: 'a' },
        { at: 48.5, kind: 'gap', text: 'gap', note: 'from … to' },
        { at: 54, kind: 'item', text: 'i' },
      ],
      until: 58.5,
    },
  ],
  [
    [23, 0, 0.7],
    [34, 0, 0.7],
  ],
);

const box = (at, y, text) =>
  `<rect class="state" x="${at}" y="${y}" width="124" height="40" rx="8"/><text class="mono mid" x="${at + 62}" y="${y + 25}">${text}</text>`;
const arrow = (d, tip) => `<path class="line" d="${d}"/><path class="line" d="${tip}"/>`;
writeFileSync(
  join(folder, 'connection.svg'),
  picture(
    760,
    210,
    'The states of a connection: idle, connecting, connected, reconnecting, closed',
    [
      box(24, 50, 'idle'),
      box(218, 50, 'connecting'),
      box(412, 50, 'connected'),
      box(612, 50, 'closed'),
      box(412, 146, 'reconnecting'),
      arrow('M148 62H216', 'M208 56l8 6l-8 6'),
      arrow('M218 80H150', 'M158 74l-8 6l8 6'),
      arrow('M342 70H410', 'M402 64l8 6l-8 6'),
      arrow('M536 70H610', 'M602 64l8 6l-8 6'),
      arrow('M456 90V144', 'M450 136l6 8l6 -8'),
      arrow('M492 146V92', 'M486 100l6 -8l6 8'),
      '<text class="small mid" x="182" y="50">first need</text>',
      '<text class="small mid" x="182" y="104">cannot be had</text>',
      '<text class="small mid" x="573" y="58">close()</text>',
      '<text class="small" x="412" y="122" text-anchor="end" dx="36">lost</text>',
      '<text class="small" x="502" y="122">restored, then a gap event</text>',
      '<text class="small" x="24" y="172">From every state close() leads to closed,</text>',
      '<text class="small" x="24" y="190">and there it ends.</text>',
    ].join('\n'),
  ),
);
