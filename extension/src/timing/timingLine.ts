import {
  type CellActivity,
  duration,
  isShown,
  LANGUAGE_LABELS,
  languageLabel,
  type LanguageName,
  phaseColour,
  remarks,
  type SavedRecord,
} from '@ferrobook/notebook';
import { Widget } from '@lumino/widgets';

/** How often the clock of a running cell is drawn, in milliseconds. */
const TICK = 100;

/** One line about a cell's time: while it runs a clock, afterwards a bar of its phases, and the phases in words. */
export class TimingLine extends Widget {
  private ticking: number | undefined;
  private live = false;

  constructor() {
    super();
    this.addClass('ferrobook-Timing');
    this.showNothing();
  }

  override dispose(): void {
    this.stop();
    super.dispose();
  }

  /** Whether it shows a cell that has not ended. */
  get isLive(): boolean {
    return this.live;
  }

  showNothing(): void {
    this.stop();
    this.hide();
  }

  /** The cell's last run. */
  showRecord(record: SavedRecord): void {
    this.stop();
    this.is('note', 'Execution time');
    const words = document.createElement('span');
    words.append(sentence(record), ...marks(record));
    this.node.replaceChildren(bar(record), words);
    this.node.title = details(record);
    this.show();
  }

  /** The cell waits for those before it. */
  showWaiting(language: LanguageName): void {
    this.stop();
    this.live = true;
    this.is('note', 'Running time');
    this.node.replaceChildren(document.createTextNode(`${LANGUAGE_LABELS[language]} · waiting`));
    this.node.title = 'Other cells run before this one';
    this.show();
  }

  /** The cell runs; `age` is how long ago, in milliseconds, the activity was told. */
  showClock(cell: CellActivity, age: number): void {
    this.stop();
    this.live = true;
    const since = performance.now() - age;
    const draw = (): void => {
      const passed = performance.now() - since;
      this.node.textContent = clock(cell, passed);
      this.node.title = `running for ${clockTime(cell.cellMs + passed)}`;
    };
    // Readers of screens do not announce a timer's changes.
    this.is('timer', 'Running time');
    draw();
    this.ticking = window.setInterval(draw, TICK);
    this.show();
  }

  private is(role: string, label: string): void {
    this.node.setAttribute('role', role);
    this.node.setAttribute('aria-label', label);
  }

  private stop(): void {
    this.live = false;
    window.clearInterval(this.ticking);
    this.ticking = undefined;
  }
}

function clock({ language, phase, phaseMs, crates }: CellActivity, passed: number): string {
  return [
    LANGUAGE_LABELS[language],
    `${phase} ${clockTime(phaseMs + passed)}`,
    ...(crates === null
      ? []
      : [`crate ${Math.min(crates.done + 1, crates.total)} of ${crates.total}`]),
  ].join(' · ');
}

/** `2.3 s`, `4:07 min`: with as many digits as change slowly enough to be read. */
function clockTime(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')} min`;
}

function sentence(record: SavedRecord): string {
  return [
    languageLabel(record.language),
    ...record.phases.filter((phase) => isShown(phase, 'line')).map(phaseText),
    ...remarks(record),
  ].join(' · ');
}

/** What is special about the run, in words that stand out. */
function marks({ cached, failed }: SavedRecord): (HTMLElement | string)[] {
  return [...(cached ? ['cached'] : []), ...(failed ? ['failed'] : [])].flatMap((name) => {
    const node = document.createElement('span');
    node.className = `ferrobook-TimingMark ferrobook-mod-${name}`;
    node.textContent = name;
    return [' · ', node];
  });
}

function details({ phases, totalMs, cpuMs, queuedMs, cached, startedAt }: SavedRecord): string {
  const started = new Date(startedAt);
  return [
    ...phases.map(phaseText),
    `total ${duration(totalMs)}`,
    `CPU ${duration(cpuMs)}`,
    ...(queuedMs >= 1 ? [`waited ${duration(queuedMs)} for other cells`] : []),
    ...(cached ? ['compiled earlier, taken from the cache'] : []),
    ...(Number.isNaN(started.getTime()) ? [] : [`started ${started.toLocaleString()}`]),
  ].join('\n');
}

function phaseText({ name, ms }: SavedRecord['phases'][number]): string {
  return `${name} ${duration(ms)}`;
}

function bar({ phases }: SavedRecord): HTMLElement {
  const node = document.createElement('span');
  node.className = 'ferrobook-TimingBar';
  node.setAttribute('aria-hidden', 'true'); // the words say it all
  for (const { name, ms } of phases) {
    const segment = document.createElement('span');
    segment.style.flexGrow = String(ms);
    segment.style.background = phaseColour(name);
    node.append(segment);
  }
  return node;
}
