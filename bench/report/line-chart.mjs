// A line chart as SVG, readable on light and on dark pages.

const size = { width: 760, height: 400 };
const plot = { left: 76, top: 52, right: 520, bottom: 336 };

/** Told apart also without colour: by their marks, and peers by broken lines. */
const marks = ['circle', 'square', 'diamond', 'triangle', 'cross', 'ring', 'bar', 'star'];

// Colours after Okabe and Ito: they differ for people who see fewer colours.
const light = {
  colours: ['#0072b2', '#c04f00', '#00795a', '#6b6b6b', '#a8447f', '#8a6d00', '#5b3fa8', '#444444'],
  page: '#ffffff',
  text: '#24292f',
  quiet: '#57606a',
  grid: '#d8dee4',
  axis: '#8c959f',
};
const dark = {
  colours: ['#56b4e9', '#ff8c42', '#2fc99a', '#b4b4b4', '#e79ac4', '#f0d442', '#b9a5f5', '#d0d0d0'],
  page: '#0d1117',
  text: '#e6edf3',
  quiet: '#9198a1',
  grid: '#2b3138',
  axis: '#656c76',
};

const paint = ({ colours, page, text, quiet, grid, axis }) => `
  .page { fill: ${page} } text { fill: ${text} } .quiet { fill: ${quiet} } .grid { stroke: ${grid} } .axis { stroke: ${axis} }
  ${colours.map((colour, at) => `.s${at} .line, .s${at} .mark { stroke: ${colour} } .s${at} .filled { fill: ${colour} }`).join('\n  ')}`;

const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif } .title { font-size: 15px; font-weight: 600 }
  .line { fill: none; stroke-width: 1.75 } .ours { stroke-width: 2.75 } .peer { stroke-dasharray: 5 3 }
  .mark { fill: none; stroke-width: 1.75 } .grid, .axis { fill: none }
  ${paint(light)}
  @media (prefers-color-scheme: dark) { ${paint(dark)} }`;

/**
 * @param title what is seen
 * @param x `{ label, values? }`: with `values` a logarithmic axis with these marked; else a linear one from 0
 * @param y `{ label }`, linear from 0
 * @param series `{ name, look, points: [[x, y], …], ours? }`; `look` is the number of a colour and its mark, 0 to 7
 */
export function lineChart({ title, x, y, series }) {
  const shown = series.filter(({ points }) => points.length > 0);
  const xs = shown.flatMap(({ points }) => points.map(([at]) => at));
  const ys = shown.flatMap(({ points }) => points.map(([, value]) => value));
  const yTicks = roundTicks(Math.max(...ys));
  const xTicks = x.values ?? roundTicks(Math.max(...xs));
  const toX = x.values ? logarithmic(xTicks, plot.left, plot.right) : linear(xTicks, plot.left, plot.right);
  const toY = linear(yTicks, plot.bottom, plot.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${xml(title)}">`,
    `<style>${style}</style><rect class="page" width="${size.width}" height="${size.height}" rx="6"/>`,
    `<text class="title" x="20" y="28">${xml(title)}</text>`,
    ...yTicks.map((tick) => horizontal(toY(tick), short(tick))),
    ...xTicks.map((tick) => vertical(toX(tick), short(tick))),
    `<path class="axis" d="M${plot.left} ${plot.top}V${plot.bottom}H${plot.right}"/>`,
    `<text class="quiet" x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 44}" text-anchor="middle">${xml(x.label)}</text>`,
    `<text class="quiet" transform="translate(22 ${(plot.top + plot.bottom) / 2}) rotate(-90)" text-anchor="middle">${xml(y.label)}</text>`,
    ...shown.map((of) => drawn(of, toX, toY)),
    ...legend(shown),
    '</svg>\n',
  ].join('\n');
}

function drawn({ points, ours, look }, toX, toY) {
  const places = points.map(([x, y]) => [toX(x), toY(y)].map((at) => Number(at.toFixed(1))));
  const line = `<path class="line ${ours ? 'ours' : 'peer'}" d="M${places.map((place) => place.join(' ')).join('L')}"/>`;
  // Marks on every point of a dense curve would hide it.
  const step = Math.ceil(places.length / 12);
  const dots = places.filter((_, at) => at % step === 0 || at === places.length - 1).map((place) => mark(look, place));
  return `<g class="s${look}">${line}${dots.join('')}</g>`;
}

/** Names in the order in which the lines end, from the top. */
function legend(series) {
  const last = ({ points }) => points.at(-1)[1];
  const inOrder = series.toSorted((a, b) => last(b) - last(a));
  return inOrder.map(({ name, ours, look }, row) => {
    const [left, top] = [plot.right + 24, plot.top + 12 + row * 24];
    const line = `<path class="line ${ours ? 'ours' : 'peer'}" d="M${left} ${top}h30"/>${mark(look, [left + 15, top])}`;
    return `<g class="s${look}">${line}<text x="${left + 38}" y="${top + 4}">${xml(name)}</text></g>`;
  });
}

function mark(look, [x, y]) {
  const path = (d, filled = 'filled') => `<path class="mark ${filled}" d="M${x} ${y}${d}"/>`;
  switch (marks[look]) {
    case 'square':
      return path('m-3.5 -3.5h7v7h-7z');
    case 'diamond':
      return path('m0 -5l5 5l-5 5l-5 -5z');
    case 'triangle':
      return path('m0 -5l5 8.5h-10z');
    case 'cross':
      return path('m-4 -4l8 8m0 -8l-8 8', '');
    case 'ring':
      return `<circle class="mark" cx="${x}" cy="${y}" r="4"/>`;
    case 'bar':
      return path('m0 -5v10', '');
    case 'star':
      return path('m0 -5v10m-5 -5h10', '');
    default:
      return `<circle class="mark filled" cx="${x}" cy="${y}" r="3.25"/>`;
  }
}

const horizontal = (y, text) =>
  `<path class="grid" d="M${plot.left} ${y.toFixed(1)}H${plot.right}"/><text class="quiet" x="${plot.left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`;
const vertical = (x, text) =>
  `<path class="grid" d="M${x.toFixed(1)} ${plot.top}V${plot.bottom}"/><text class="quiet" x="${x.toFixed(1)}" y="${plot.bottom + 20}" text-anchor="middle">${text}</text>`;

/** Four to seven round numbers from 0 to just above the most. */
function roundTicks(most) {
  const raw = most / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

const linear = (ticks, from, to) => (value) => from + ((to - from) * value) / ticks.at(-1);
const logarithmic = (ticks, from, to) => {
  const [least, most] = [Math.log(ticks[0]), Math.log(ticks.at(-1))];
  return (value) => from + ((to - from) * (Math.log(value) - least)) / (most - least);
};

/** 1,000,000 as 1 M, 20,000 as 20 k. */
function short(number) {
  if (number >= 1e6) return `${number / 1e6} M`;
  return number >= 1e4 ? `${number / 1e3} k` : number.toLocaleString('en-US');
}

const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
