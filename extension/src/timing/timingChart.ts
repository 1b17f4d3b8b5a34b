import { duration, languageLabel, phaseColour } from '@ferrobook/notebook';
import type { TimedCell } from './timingTable';

/** Height of a cell's row, in pixels: a line of text, and its bar below. */
const ROW = 36;
const TEXT = 18;
const MARGIN = 6;
/** Room for the time behind the longest bar. */
const TIMES = 64;

/**
 * Draws a row for each cell: its title, and a bar of its phases. Each row is a link, so that it can be reached by the
 * keyboard; `choose` is called when one is followed.
 */
export async function timingChart(
  cells: readonly TimedCell[],
  width: number,
  choose: (cell: TimedCell) => void,
): Promise<SVGElement | HTMLElement> {
  // It is large, and most pages never show the panel.
  const Plot = await import('@observablehq/plot');
  const longest = Math.max(...cells.map(({ record }) => record.totalMs));
  const row = ({ cellId }: TimedCell): string => cellId;
  const shorten = shortener(width - 2 * MARGIN);
  const bars = cells.flatMap((cell) =>
    cell.record.phases.map(({ name, ms }) => ({ cell, name, ms })),
  );
  const plot = Plot.plot({
    width,
    height: cells.length * ROW + 4,
    margin: 0,
    marginLeft: MARGIN,
    marginRight: TIMES,
    x: { axis: null, domain: [0, longest] },
    y: { axis: null, domain: cells.map(row), padding: 0 },
    marks: [
      Plot.text(cells, {
        x: 0,
        y: row,
        text: (cell: TimedCell) => shorten(label(cell)),
        textAnchor: 'start',
        lineAnchor: 'middle',
        dy: -ROW / 4,
        fill: ({ record }: TimedCell) =>
          record.failed ? 'var(--ferrobook-bad-color)' : 'currentColor',
      }),
      Plot.barX(bars, {
        x: 'ms',
        y: ({ cell }: (typeof bars)[number]) => row(cell),
        fill: ({ name }: (typeof bars)[number]) => phaseColour(name),
        insetTop: TEXT + 2,
        insetBottom: 6,
      }),
      Plot.text(cells, {
        x: ({ record }: TimedCell) => record.totalMs,
        y: row,
        text: ({ record }: TimedCell) => duration(record.totalMs),
        textAnchor: 'start',
        dx: 4,
        dy: ROW / 4 - 2,
      }),
      // Above all else: what a row can be clicked by.
      Plot.barX(cells, {
        x1: 0,
        x2: longest,
        y: row,
        fill: 'transparent',
        title: describe,
        ariaLabel: describe,
        href: ({ cellId }: TimedCell) => `#${cellId}`,
        insetLeft: -MARGIN,
        insetRight: -TIMES,
        className: 'ferrobook-TimingRows',
      }),
    ],
  });
  plot.querySelectorAll('a').forEach((link, place) => {
    const cell = cells[place];
    link.addEventListener('click', (event) => {
      event.preventDefault();
      if (cell !== undefined) choose(cell);
    });
  });
  return plot;
}

/** Cuts texts that are wider than `width` pixels. Plot's own way of doing it takes all fonts for equally wide. */
function shortener(width: number): (text: string) => string {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return (text) => text;
  const style = getComputedStyle(document.body);
  const font = (name: string): string => style.getPropertyValue(`--jp-ui-font-${name}`);
  context.font = `${font('size1')} ${font('family')}`;
  const fits = (text: string): boolean => context.measureText(text).width <= width;
  return (text) => {
    if (fits(text)) return text;
    const glyphs = [...text.slice(0, width)]; // none is narrower than a pixel
    while (glyphs.length > 0 && !fits(`${glyphs.join('')}…`)) glyphs.pop();
    return `${glyphs.join('')}…`;
  };
}

function label({ title, record }: TimedCell): string {
  return `${record.executionCount === null ? '' : `[${record.executionCount}] `}${title}`;
}

/** A cell's time in words: what the tooltip shows, and what readers of screens say. */
function describe({ title, record }: TimedCell): string {
  return [
    `${languageLabel(record.language)}: ${title}`,
    ...record.phases.map(({ name, ms }) => `${name} ${duration(ms)}`),
    `total ${duration(record.totalMs)}`,
    ...(record.cached ? ['cached'] : []),
    ...(record.failed ? ['failed'] : []),
  ].join('\n');
}
