import type { LanguageName } from '@ferrobook/notebook';
import type { LanguageStatus } from '../languages/language';

/** What `%ferrobook status` shows. */
export interface KernelStatus {
  readonly version: string;
  /** The kernel's own process. */
  readonly process: { pid: number; residentMb: number | undefined };
  /** Where the log goes. */
  readonly logFile: string;
  readonly languages: Record<LanguageName, LanguageStatus>;
}

/** The status as text, a line for each thing. */
export function statusText(status: KernelStatus): string {
  const { pid, residentMb } = status.process;
  const lines = [
    line('Ferrobook', status.version),
    line('kernel', processText(pid, residentMb)),
    line('log', status.logFile),
  ];
  for (const [name, language] of Object.entries(status.languages)) {
    lines.push('', line(name, language.state));
    for (const process of language.processes) {
      lines.push(line(`  ${process.name}`, processText(process.pid, process.residentMb)));
    }
    for (const detail of language.details) lines.push(line('', detail));
  }
  return lines.join('\n');
}

function line(label: string, text: string): string {
  return `${label.padEnd(12)} ${text}`;
}

function processText(pid: number, residentMb: number | undefined): string {
  const memory = residentMb === undefined ? '' : `, ${residentMb.toFixed(0)} MB`;
  return `process ${pid}${memory}`;
}
