// Pictures as plain SVG, readable on light and dark pages: each has a ground of its own and follows the reader's scheme.

/** The numbers of the colours of lines, in this order. */
export const colours = 4;

const style = `
  .ground { fill: #fcfcfb; stroke: #e1e0d9 }
  text { font: 12px system-ui, sans-serif; fill: #52514e }
  .title { font-size: 14px; font-weight: 600; fill: #0b0b0b }
  .strong { fill: #0b0b0b }
  .grid { stroke: #e1e0d9 }
  .axis { stroke: #898781 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .s0 { stroke: #2a78d6 } .f0 { fill: #2a78d6 }
  .s1 { stroke: #c2501f } .f1 { fill: #c2501f }
  .s2 { stroke: #14805c } .f2 { fill: #14805c }
  .s3 { stroke: #8a5fc7 } .f3 { fill: #8a5fc7 }
  .floor { fill: #fcfcfb; stroke: #898781; stroke-width: 2 }
  .ring { fill: #fcfcfb; stroke: #2a78d6; stroke-width: 2.5 }
  .peer { fill: #e9e7df; stroke: #b5b3aa }
  .letter { font-size: 10px; font-weight: 600; fill: #33322f; text-anchor: middle }
  .target { stroke: #c2501f; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #1a1a19; stroke: #383835 }
    text { fill: #c3c2b7 }
    .title, .strong { fill: #ffffff }
    .grid { stroke: #2c2c2a }
    .s0 { stroke: #5598e7 } .f0 { fill: #5598e7 }
    .s1 { stroke: #ef8354 } .f1 { fill: #ef8354 }
    .s2 { stroke: #38b487 } .f2 { fill: #38b487 }
    .s3 { stroke: #b194e6 } .f3 { fill: #b194e6 }
    .floor { fill: #1a1a19 }
    .ring { fill: #1a1a19; stroke: #5598e7 }
    .peer { fill: #383835; stroke: #6b6a64 }
    .letter { fill: #f0efe8 }
    .target { stroke: #ef8354 }
  }`;

/** A whole picture of that size; `title` is what a screen reader says. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    text(16, 26, title, 'class="title"'),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

export function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

export function circle(x: number, y: number, radius: number, kind: string, tip = ""): string {
  return `<circle class="${kind}" cx="${round(x)}" cy="${round(y)}" r="${radius}">${tip && `<title>${escaped(tip)}</title>`}</circle>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
