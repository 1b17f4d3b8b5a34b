import { isJsonObject } from '../json.js';
import type { Phase } from './phase.js';
import { type Build, TIMING_VERSION } from './record.js';

/** The part of a {@link TimingRecord} that is shown again, as it is read out of a message or of a notebook. */
export interface SavedRecord {
  language: string;
  executionCount: number | null;
  failed: boolean;
  /** When the cell began, as the kernel writes it (ISO 8601). */
  startedAt: string;
  /** How long it waited for cells before it. */
  queuedMs: number;
  phases: Phase[];
  totalMs: number;
  cpuMs: number;
  /** What was compiled came from a cache. */
  cached: boolean;
  /** How the cell was compiled, where that is known. */
  build: Build | null;
  /** The options that have a remark. */
  options?: Readonly<Record<string, unknown>>;
}

/** Reads a record out of a message or of a notebook, which may hold anything. */
export function parseTimingRecord(value: unknown): SavedRecord | undefined {
  if (!isJsonObject(value) || value['version'] !== TIMING_VERSION) return undefined;
  const { language, executionCount, status, startedAt, queuedMs } = value;
  const { phases, totalMs, cpuMs, cached, build, options } = value;
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
    ...(isJsonObject(options) ? { options } : {}),
  };
}

/** Notebooks hold records of kernels that did not say it. */
function parseBuild(value: unknown): Build | null {
  if (!isJsonObject(value)) return null;
  const { debug, targetCpu } = value;
  return { debug: debug === true, targetCpu: typeof targetCpu === 'string' ? targetCpu : null };
}

function isPhase(value: unknown): value is Phase {
  return isJsonObject(value) && typeof value['name'] === 'string' && isDuration(value['ms']);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
