// The SVG of a soak: one panel per series, from zero up, over one axis of time. Its colours are readable on white and on dark.
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const [WIDTH_PX, PANEL_PX, LEFT_PX, TOP_PX, BOTTOM_PX] = [880, 160, 64, 28, 24];
const [TEXT, LINE] = ["#768390", "#f6821f"];

export function lineChart(series: readonly Series[], unit: string): string {
  const height = series.length * PANEL_PX;
  const panels = series.map((one, i) => `<g transform="translate(0 ${i * PANEL_PX})">\n${panelOf(one, unit)}\n</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH_PX} ${height}" width="${WIDTH_PX}" height="${height}"
  role="img" aria-label="${series.map(({ name }) => name).join(", ")} over ${unit}" font-family="system-ui, sans-serif" font-size="12" fill="${TEXT}">
${panels.join("\n")}
</svg>
`;
}

function panelOf({ name, points }: Series, unit: string): string {
  const [mostX, mostY] = [0, 1].map((axis) => Math.max(1, ...points.map((point) => point[axis as 0 | 1]))) as [
    number,
    number,
  ];
  const top = niceAbove(mostY);
  const [plotWidth, plotHeight] = [WIDTH_PX - LEFT_PX - 16, PANEL_PX - TOP_PX - BOTTOM_PX];
  const at = ([x, y]: readonly [number, number]): string =>
    `${(LEFT_PX + (x / mostX) * plotWidth).toFixed(1)},${(TOP_PX + (1 - y / top) * plotHeight).toFixed(1)}`;
  const base = TOP_PX + plotHeight;
  return [
    `<text x="${LEFT_PX}" y="16" font-size="13" font-weight="600">${name}</text>`,
    `<text x="${LEFT_PX - 8}" y="${TOP_PX + 6}" text-anchor="end">${top}</text>`,
    `<text x="${LEFT_PX - 8}" y="${base}" text-anchor="end">0</text>`,
    `<text x="${WIDTH_PX - 16}" y="${base + 16}" text-anchor="end">${Math.round(mostX)} ${unit}</text>`,
    `<path d="M${LEFT_PX} ${base}H${WIDTH_PX - 16}M${LEFT_PX} ${TOP_PX}H${WIDTH_PX - 16}" stroke="${TEXT}" stroke-opacity="0.4"/>`,
    `<polyline fill="none" stroke="${LINE}" stroke-width="1.5" points="${points.map(at).join(" ")}"/>`,
  ].join("\n");
}

/** The next of 1, 2, 5, 10, 20 … */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}
