// The results as a table: for a terminal, and for a page.

const contenders = {
  raw: 'raw CometD, one callback, a `Map` by hand',
  library: '**this library**, `watch`, its own session',
  libraryOverCometD: "**this library**, `watch`, over an application's CometD",
  filters: 'one RxJS `filter` for each workbin',
  listeners: 'one CometD listener for each workbin',
};

/** How many times raw CometD a message may cost. */
const limitOf = (name, workbins) => (name.startsWith('library') ? (workbins > 100 ? 1.25 : 1.1) : undefined);

const count = (value) => value.toLocaleString('en', { maximumFractionDigits: 0 });
const digits = (value) => (value < 100 ? value.toPrecision(value < 1 ? 2 : 3) : count(value));

/** Rows of cells, the first one the heading. */
const messageRows = ({ messages, messagesPerFrame }) => {
  const watched = [...new Set(messages.map(({ workbins }) => workbins))];
  const heading = [`a message, of ${messagesPerFrame} a frame`, ...watched.map((each) => `${count(each)} watched`)];
  const rows = Object.entries(contenders).map(([name, title]) => [
    title,
    ...watched.map((workbins) => {
      const row = messages.find((each) => each.name === name && each.workbins === workbins);
      if (row === undefined) return '';
      const { median, low, high } = row.ratio;
      if (name === 'raw') return `1 (${digits(row.microseconds)} µs)`;
      const limit = limitOf(name, workbins);
      const spread = `${digits(low)}–${digits(high)}`;
      return `${digits(median)} (${spread})${limit === undefined ? '' : `, limit ${limit.toFixed(2)}`}`;
    }),
  ]);
  return [heading, ...rows];
};

const otherRows = ({ roundTrips, subscribing, memory, size }) => [
  ['what', 'measured', 'limit'],
  [
    `cold start to \`Subscribed\`, ${roundTrips.latency} ms a round trip`,
    `${digits(roundTrips.cold.roundTrips)} round trips (${count(roundTrips.cold.milliseconds)} ms)`,
    '4',
  ],
  [
    'the next subscription',
    `${digits(roundTrips.warm.roundTrips)} round trips (${count(roundTrips.warm.milliseconds)} ms)`,
    '1',
  ],
  ...[
    ['oneCall', 'in one call'],
    ['manyCallers', 'from as many callers'],
    ['manyWatchers', 'watched one by one'],
  ].map(([key, title]) => [
    `${count(subscribing.workbins)} workbins, ${title}`,
    `${subscribing[key].posts} POSTs, ${digits(subscribing[key].milliseconds)} ms of processor time`,
    '6 POSTs',
  ]),
  [
    `memory for each of ${count(memory.workbins)} watched workbins`,
    `${count(memory.bytes)} bytes (a \`Map\` of callbacks: ${count(memory.map)})`,
    '',
  ],
  ['… once they are left and the client is closed', `${count(memory.left)} bytes`, ''],
  [`heap after ${count(memory.rounds)} more subscriptions`, `${count(memory.growth / 1024)} KiB more`, 'no growth'],
  ...size.map(({ name, gzip, limit }) => [`bundle: ${name}, gzipped`, `${count(gzip)} bytes`, `${count(limit)} bytes`]),
];

const intro = ({ date, machine, load, quick }) =>
  `${date}, ${machine}, load ${load.map((each) => each.toFixed(1)).join(' to ')}${quick ? ', a quick run' : ''}. ` +
  'Ratios to raw CometD: medians, in brackets the middle half.';

const page = (rows) => {
  const [heading, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [heading, `|${rows[0].map(() => '---').join('|')}|`, ...body].join('\n');
};

const terminal = (rows) => {
  const plain = rows.map((row) => row.map((cell) => cell.replace(/[`*]/g, '')));
  const widths = plain[0].map((_, column) => Math.max(...plain.map((row) => row[column].length)));
  return plain.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ')).join('\n');
};

const pages = (draw) => (results) =>
  [draw(messageRows(results)), draw(otherRows(results)), intro(results)].join('\n\n');

export const markdown = pages(page);
export const text = pages(terminal);
