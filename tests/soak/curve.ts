import { readdirSync } from 'node:fs';
import { residentMb } from '../support/processes';
import type { Notebook, Role } from './notebook';

const ROLES: readonly Role[] = ['kernel', 'ipykernel', 'host', 'cell'];

/** A process at one moment. */
interface Sample {
  cells: number;
  megabytes: number;
  descriptors: number;
}

/** The life of one process: one that was started again begins another. */
interface Segment {
  role: Role;
  pid: number;
  samples: Sample[];
}

/** Samples at the beginning of a life that say nothing: caches fill, libraries are loaded. */
const WARM_UP = 2;

/** A life must have so many samples to be judged. */
const ENOUGH = 8;

/**
 * What a cell may cost for good, in kilobytes, and how many descriptors a life may gain. The kernel keeps a record of each
 * cell's time, IPython its history; evcxr keeps every compiled cell loaded, and what it knows of its items.
 */
const ALLOWED: Record<Role, { kilobytesPerCell: number; descriptors: number }> = {
  kernel: { kilobytesPerCell: 20, descriptors: 8 },
  ipykernel: { kilobytesPerCell: 20, descriptors: 8 },
  host: { kilobytesPerCell: 100, descriptors: 8 },
  cell: { kilobytesPerCell: 100, descriptors: 8 },
};

/** Memory and open descriptors of a kernel's processes over the cells that it ran. */
export class Curve {
  private readonly segments: Segment[] = [];

  sample(notebook: Notebook, cells: number): void {
    for (const role of ROLES) {
      const pid = largest(notebook.pids(role));
      if (pid === undefined) continue;
      let segment = this.segments.findLast((one) => one.role === role);
      if (segment?.pid !== pid) {
        segment = { role, pid, samples: [] };
        this.segments.push(segment);
      }
      segment.samples.push({
        cells,
        megabytes: residentMb(pid) ?? 0,
        descriptors: openDescriptors(pid),
      });
    }
  }

  /** The lives that grew more than they may. */
  growths(): string[] {
    return this.segments.flatMap(({ role, pid, samples }) => {
      const judged = samples.slice(WARM_UP);
      if (judged.length < ENOUGH) return [];
      const allowed = ALLOWED[role];
      const cost = slope(judged) * 1024;
      const gained = (judged.at(-1)?.descriptors ?? 0) - (judged[0]?.descriptors ?? 0);
      return [
        ...(cost > allowed.kilobytesPerCell
          ? [`${role} (process ${pid}) grows by ${cost.toFixed(0)} KB with each cell`]
          : []),
        ...(gained > allowed.descriptors
          ? [`${role} (process ${pid}) has ${gained} more descriptors open than at first`]
          : []),
      ];
    });
  }

  /** A line for each life of more than one sample, and how many shorter ones there were. */
  report(): string {
    const lines = ['process    lives through   memory, MB        descriptors  curve of memory'];
    for (const role of ROLES) {
      const lives = this.segments.filter((segment) => segment.role === role);
      for (const { samples } of lives.filter((segment) => segment.samples.length > 1)) {
        const [first, last] = [samples[0], samples.at(-1)];
        if (first === undefined || last === undefined) continue;
        lines.push(
          [
            role.padEnd(10),
            `${first.cells}–${last.cells} cells`.padEnd(15),
            `${first.megabytes.toFixed(0)} → ${last.megabytes.toFixed(0)}`.padEnd(17),
            `${first.descriptors} → ${last.descriptors}`.padEnd(12),
            sparkline(samples.map(({ megabytes }) => megabytes)),
          ].join(' '),
        );
      }
      const short = lives.filter((segment) => segment.samples.length === 1);
      if (short.length > 0) {
        const held = short.flatMap(({ samples }) => samples.map(({ megabytes }) => megabytes));
        lines.push(
          `${role.padEnd(10)} ${short.length} that ended before a second look: ` +
            `${Math.min(...held).toFixed(0)} to ${Math.max(...held).toFixed(0)} MB`,
        );
      }
    }
    return lines.join('\n');
  }
}

/** Megabytes per cell, by least squares. */
function slope(samples: readonly Sample[]): number {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(samples.map(({ cells }) => cells));
  const y = mean(samples.map(({ megabytes }) => megabytes));
  const above = samples.reduce((sum, s) => sum + (s.cells - x) * (s.megabytes - y), 0);
  return above / samples.reduce((sum, s) => sum + (s.cells - x) ** 2, 0);
}

function sparkline(values: readonly number[]): string {
  const bars = '▁▂▃▄▅▆▇█';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values
    .map((value) => bars[Math.floor(((value - least) / (most - least || 1)) * (bars.length - 1))])
    .join('');
}

function largest(pids: readonly number[]): number | undefined {
  return [...pids].sort((a, b) => (residentMb(b) ?? 0) - (residentMb(a) ?? 0))[0];
}

function openDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
