import { isJsonObject } from '../notebook/jsonObject';

/** The part that is shown of the kernel's record of a cell's time. Milliseconds of wall clock, but for `cpuMs`. */
export interface TimingRecord {
  language: string;
  executionCount: number | null;
  failed: boolean;
  /** When the cell began, as the kernel writes it (ISO 8601). */
  startedAt: string;
  /** How long it waited for cells before it. */
  queuedMs: number;
  phases: { name: string; ms: number }[];
  totalMs: number;
  cpuMs: number;
  /** What was compiled came from a cache. */
  cached: boolean;
  /** What a reader must know of how the cell was compiled. */
  build: { debug: boolean; targetCpu: string | null } | null;
}

/** The version of the kernel's record that this reads. */
const VERSION = 1;

/** Reads a record out of a message or of a notebook, which may hold anything. */
export function parseTimingRecord(value: unknown): TimingRecord | undefined {
  if (!isJsonObject(value) || value['version'] !== VERSION) return undefined;
  const { language, executionCount, status, startedAt, queuedMs } = value;
  const { phases, totalMs, cpuMs, cached, build } = value;
  if (
    typeof language !== 'string' ||
    !(typeof executionCount === 'number' || executionCount === null) ||
    typeof startedAt !== 'string' ||
    !isDuration(queuedMs) ||
    !Array.isArray(phases) ||
    !phases.every(isPhase) ||
    !isDuration(totalMs) ||
    !isDuration(cpuMs) ||
    typeof cached !== 'boolean'
  ) {
    return undefined;
  }
  const failed = status === 'error';
  return {
    ...{ language, executionCount, failed, startedAt, queuedMs },
    ...{ phases, totalMs, cpuMs, cached, build: parseBuild(build) },
  };
}

/** Notebooks hold records of kernels that did not say it. */
function parseBuild(value: unknown): TimingRecord['build'] {
  if (!isJsonObject(value)) return null;
  const { debug, targetCpu } = value;
  return { debug: debug === true, targetCpu: typeof targetCpu === 'string' ? targetCpu : null };
}

/** How long a cell was in the phases of this name. */
export function msIn({ phases }: TimingRecord, name: string): number {
  return phases.filter((phase) => phase.name === name).reduce((sum, { ms }) => sum + ms, 0);
}

/** Milliseconds as the kernel's tables show them: `0.42 ms`, `153 ms`, `12.3 s`. */
export function duration(ms: number): string {
  if (ms >= 100_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 999.5) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 100) return `${Math.round(ms)} ms`;
  if (ms >= 1) return `${ms.toPrecision(3)} ms`;
  return `${ms.toFixed(2)} ms`;
}

function isPhase(value: unknown): value is { name: string; ms: number } {
  return isJsonObject(value) && typeof value['name'] === 'string' && isDuration(value['ms']);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
