import { LANGUAGES, type LanguageName } from '@ferrobook/notebook';
import type { LanguageInfo } from '../languages/language';
import { PROTOCOL_VERSION } from '../wire/message';

/** What a `kernel_info_reply` is made of. */
export interface KernelIdentity {
  readonly version: string;
  readonly defaultLanguage: LanguageName;
  readonly languages: Readonly<Record<LanguageName, LanguageInfo>>;
}

/** Content of `kernel_info_reply`. */
export function kernelInfo({ version, defaultLanguage, languages }: KernelIdentity): object {
  const all = LANGUAGES.map((name) => languages[name]);
  const hasDebugger = all.some((language) => language.debugger);
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'ferrobook',
    implementation_version: version,
    language_info: languages[defaultLanguage].languageInfo,
    banner: [
      `Ferrobook ${version}`,
      ...all.map((language) => language.banner),
      hint(defaultLanguage),
    ].join('\n'),
    help_links: all.flatMap((language) => language.helpLinks),
    debugger: hasDebugger,
    supported_features: hasDebugger ? ['debugger'] : [],
  };
}

function hint(defaultLanguage: LanguageName): string {
  return defaultLanguage === 'python'
    ? '%%rust as the first line makes a Rust cell; %timing shows how long the cells took.'
    : '%%python as the first line makes a Python cell; %timing shows how long the cells took.';
}
