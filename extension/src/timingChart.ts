import { phaseColour } from './phases';
import type { TimedCell } from './timingTable';
import { duration } from './timingRecord';
import { LANGUAGE_LABELS, LANGUAGES } from './marker';

/** Height of a cell's row, in pixels: a line of text, and its bar below. */
const ROW = 36;
const TEXT = 18;
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
  const bars = cells.flatMap((cell) =>
    cell.record.phases.map(({ name, ms }) => ({ cell, name, ms })),
  );
  const plot = Plot.plot({
    width,
    height: cells.length * ROW + 4,
    margin: 0,
    marginLeft: 6,
    marginRight: TIMES,
    x: { axis: null, domain: [0, longest] },
    y: { axis: null, domain: cells.map(row), padding: 0 },
    marks: [
      Plot.text(cells, {
        x: 0,
        y: row,
        text: label,
        textAnchor: 'start',
        lineAnchor: 'middle',
        dy: -ROW / 4,
        lineWidth: (width - 12) / 14, // in em, with room for wide glyphs
        textOverflow: 'ellipsis',
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
        insetLeft: -6,
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

function label({ title, record }: TimedCell): string {
  return `${record.executionCount === null ? '' : `[${record.executionCount}] `}${title}`;
}

/** A cell's time in words: what the tooltip shows, and what readers of screens say. */
function describe({ title, record }: TimedCell): string {
  const language = LANGUAGES.find((name) => name === record.language);
  return [
    `${language === undefined ? record.language : LANGUAGE_LABELS[language]}: ${title}`,
    ...record.phases.map(({ name, ms }) => `${name} ${duration(ms)}`),
    `total ${duration(record.totalMs)}`,
    ...(record.cached ? ['cached'] : []),
    ...(record.failed ? ['failed'] : []),
  ].join('\n');
}
