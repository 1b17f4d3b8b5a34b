import { Widget } from '@lumino/widgets';
import { duration, type TimingRecord } from './timingRecord';

/** The kernel's tables use the same colours. */
const COLOURS: Readonly<Record<string, string>> = {
  start: '#c9c27a',
  compile: '#e0823d',
  snapshot: '#8e6bbf',
  run: '#3b82c4',
  relay: '#9aa0a6',
};
const OTHER_COLOUR = '#888';

/** Phases that are in the bar and in the tooltip only, below these milliseconds. */
const HIDDEN_BELOW: Readonly<Record<string, number>> = { relay: Infinity, snapshot: 1 };

/** One line about a cell's time: a bar of its phases, and the phases in words. */
export class TimingLine extends Widget {
  constructor() {
    super();
    this.addClass('ferrobook-Timing');
    this.node.setAttribute('role', 'note');
    this.node.setAttribute('aria-label', 'Execution time');
    this.hide();
  }

  showRecord(record: TimingRecord | undefined): void {
    this.setHidden(record === undefined);
    if (record === undefined) return;
    this.node.replaceChildren(bar(record), document.createTextNode(sentence(record)));
    this.node.title = details(record);
  }
}

function sentence({ language, phases, totalMs, cached, build }: TimingRecord): string {
  return [
    language,
    ...phases.filter(({ name, ms }) => ms >= (HIDDEN_BELOW[name] ?? 0)).map(phaseText),
    `total ${duration(totalMs)}`,
    ...(build?.debug === true ? ['with debug checks'] : []),
    ...(typeof build?.targetCpu === 'string' ? [`for ${build.targetCpu}`] : []),
    ...(cached ? ['compiled earlier'] : []),
  ].join(' · ');
}

function details({ phases, totalMs, cpuMs }: TimingRecord): string {
  return [...phases.map(phaseText), `total ${duration(totalMs)}`, `CPU ${duration(cpuMs)}`].join(
    '\n',
  );
}

function phaseText({ name, ms }: TimingRecord['phases'][number]): string {
  return `${name} ${duration(ms)}`;
}

function bar({ phases }: TimingRecord): HTMLElement {
  const node = document.createElement('span');
  node.className = 'ferrobook-TimingBar';
  node.setAttribute('aria-hidden', 'true'); // the words say it all
  for (const { name, ms } of phases) {
    const segment = document.createElement('span');
    segment.style.flexGrow = String(ms);
    segment.style.background = COLOURS[name] ?? OTHER_COLOUR;
    node.append(segment);
  }
  return node;
}
