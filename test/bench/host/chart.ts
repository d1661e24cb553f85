// The SVG of bench:chart: one panel per feature set, one bar per trainer, seconds from zero. Its colours are readable on white
// and on dark, because an image on a page does not know its background.
import type { TrainLine } from "./train-line.ts";

interface Bar {
  readonly label: string;
  readonly seconds: number;
  readonly accuracy: number;
  readonly ours: boolean;
}

const PANELS_PER_ROW = 2;
const PANEL_PX = 440;
const MARGIN_PX = 16;
const LABEL_PX = 116;
const VALUE_PX = 104;
const TITLE_PX = 34;
const BAR_PX = 16;
const STEP_PX = 24;
/** Least width, so that short bars stay visible. */
const SHORTEST_PX = 1.5;
const TEXT = "#768390";
const OURS = "#f6821f";
const THEIRS = "#8b949e";

/** Peers in the order of their bars: those that train once, then those that also select their regularisation. */
const PEERS: Readonly<Record<string, string>> = { torch: "torch L-BFGS", lr: "sklearn LR", lrcv: "sklearn LR-CV" };

export function chartOf(lines: readonly TrainLine[]): string {
  const panels = lines.map((line) => ({ title: titleOf(line), bars: barsOf(line) })).filter(({ bars }) => bars.length);
  const most = Math.max(0, ...panels.map(({ bars }) => bars.length));
  const panelHeight = TITLE_PX + most * STEP_PX + MARGIN_PX;
  const width = PANEL_PX * Math.min(PANELS_PER_ROW, Math.max(1, panels.length));
  const height = panelHeight * Math.ceil(panels.length / PANELS_PER_ROW) + MARGIN_PX;
  const drawn = panels.map(({ title, bars }, i) => {
    const [x, y] = [PANEL_PX * (i % PANELS_PER_ROW), panelHeight * Math.floor(i / PANELS_PER_ROW)];
    return `<g transform="translate(${x + MARGIN_PX} ${y + MARGIN_PX})">\n${panelOf(title, bars)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
  role="img" aria-label="Seconds of training, shorter is better" font-family="system-ui, sans-serif" font-size="12" fill="${TEXT}">
${drawn.join("\n")}
</svg>
`;
}

const titleOf = ({ data, n, dims, classes }: TrainLine): string =>
  `${data}: ${n.toLocaleString("en")} rows × ${dims.toLocaleString("en")}, ${classes} classes`;

function barsOf({ fit, auto, peers = [] }: TrainLine): Bar[] {
  const ours = [fit && { ...fit, label: "lastlayer fit" }, auto && { ...auto, label: "lastlayer auto" }];
  const theirs = Object.entries(PEERS).map(([name, label]) => {
    const line = peers.find(({ peer }) => peer === name);
    return line && { ...line, label };
  });
  return [
    ...ours.filter((bar) => bar !== null).map((bar) => ({ ...bar, ours: true })),
    ...theirs.filter((bar) => bar !== undefined).map((bar) => ({ ...bar, ours: false })),
  ];
}

function panelOf(title: string, bars: readonly Bar[]): string {
  const longest = Math.max(...bars.map(({ seconds }) => seconds));
  const space = PANEL_PX - 2 * MARGIN_PX - LABEL_PX - VALUE_PX;
  const drawn = bars.map((bar, i) => barOf(bar, TITLE_PX + i * STEP_PX, (bar.seconds / longest) * space));
  return [`<text y="12" font-size="13" font-weight="600">${escaped(title)}</text>`, ...drawn].join("\n");
}

function barOf({ label, seconds, accuracy, ours }: Bar, y: number, length: number): string {
  const width = Math.max(SHORTEST_PX, length);
  const baseline = y + BAR_PX - 4;
  const weight = ours ? ' font-weight="600"' : "";
  const value = `${secondsText(seconds)} · ${(accuracy * 100).toFixed(1)} %`;
  return [
    `<text x="${LABEL_PX - 8}" y="${baseline}" text-anchor="end"${weight}>${label}</text>`,
    `<rect x="${LABEL_PX}" y="${y}" width="${width.toFixed(1)}" height="${BAR_PX}" rx="2" fill="${ours ? OURS : THEIRS}"/>`,
    `<text x="${(LABEL_PX + width + 6).toFixed(1)}" y="${baseline}"${weight}>${value}</text>`,
  ].join("\n");
}

/** Two significant digits. */
const secondsText = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
