// Follows every link of the pages (README.md, the other Markdown files) and of the built site (docs/site), inside the project:
// the file must be there, and the anchor in it. Addresses elsewhere are only looked at for their form: nothing is fetched.
//   npm run docs && npm run check:links
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const site = join(root, 'docs', 'site');
const faults = [];
let links = 0;

const filesUnder = (folder, ending) =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map((entry) => join(entry.parentPath, entry.name));

/** As GitHub makes anchors of headings. */
const slug = (heading) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
const withoutCode = (text) => text.replace(/^(```+)[^]*?^\1\s*$/gm, '').replace(/`[^`\n]*`/g, '``');

const anchors = new Map();
const anchorsOf = (file) => {
  if (!anchors.has(file)) {
    const text = readFileSync(file, 'utf8');
    const names = file.endsWith('.md')
      ? [...text.replace(/^(```+)[^]*?^\1\s*$/gm, '').matchAll(/^#+\s+(.*)$/gm)].map(([, heading]) => slug(heading))
      : [...text.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, name]) => name);
    anchors.set(file, new Set(names));
  }
  return anchors.get(file);
};
const decode = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const check = (from, link) => {
  links += 1;
  const fault = (why) => faults.push(`${relative(root, from).split(sep).join('/')}: ${link}: ${why}`);
  if (/^[a-z][a-z\d+.-]*:/i.test(link) || link.startsWith('//')) {
    const url = URL.canParse(link) ? new URL(link) : undefined;
    if (url === undefined) return fault('no address');
    if (!['https:', 'mailto:', 'data:'].includes(url.protocol)) return fault(`${url.protocol} is not https:`);
    if (url.protocol === 'https:' && !/\.[a-z]{2,}$/i.test(url.hostname)) return fault('no host that others can reach');
    return undefined;
  }
  const [path, anchor = ''] = link.split('#');
  const target = decode(path.split('?')[0]);
  if (target === undefined) return fault('its percent-encoding is broken');
  if (target.startsWith('/')) return fault('it starts at a root that depends on where the page lies');
  let file = target === '' ? from : resolve(dirname(from), target);
  if (!file.startsWith(root + sep)) return fault('it leaves the project');
  if (from.startsWith(site + sep) && !file.startsWith(site)) return fault('it leaves the site');
  if (!existsSync(file)) return fault('there is no such file');
  if (statSync(file).isDirectory()) {
    file = join(file, from.startsWith(site) ? 'index.html' : 'README.md');
    if (from.startsWith(site) && !existsSync(file)) return fault('a folder without a page');
    if (!existsSync(file)) return anchor === '' ? undefined : fault('a folder has no anchors');
  }
  if (anchor === '' || !/\.(md|html)$/.test(file)) return undefined;
  return anchorsOf(file).has(decode(anchor) ?? anchor) ? undefined : fault('there is no such anchor');
};

const unescape = (text) =>
  text.replace(
    /&amp;|&lt;|&gt;|&quot;|&#39;/g,
    (code) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[code.slice(1, -1)],
  );

const markdown = [
  ...readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, name)),
  ...filesUnder(join(root, 'docs'), '.md').filter((file) => !file.startsWith(site + sep)),
];
for (const file of markdown) {
  const text = withoutCode(readFileSync(file, 'utf8'));
  for (const [, link] of text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) check(file, link);
  for (const [, link] of text.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)) check(file, link);
}
const html = filesUnder(site, '.html');
for (const file of html) {
  // What a script writes is no link of the page.
  const text = readFileSync(file, 'utf8').replace(/<script\b[^]*?<\/script>/g, (script) =>
    script.slice(0, script.indexOf('>') + 1),
  );
  for (const [, link] of text.matchAll(/<[^>]*\s(?:href|src)="([^"]*)"/g)) check(file, unescape(link));
}
if (html.length === 0) faults.push('docs/site: there is no site, npm run docs makes it');

for (const fault of faults) console.error(fault);
console.log(
  `${links} links on ${markdown.length} pages and ${html.length} pages of the site, ${faults.length} of them broken`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
