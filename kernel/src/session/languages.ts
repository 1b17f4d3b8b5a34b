import { LANGUAGES, type LanguageName } from '@ferrobook/notebook';
import type { Capabilities, Language } from '../languages/language';
import { type ParsedCell, parseCell } from './markers/parseCell';

/** The languages of the notebook, and which of them a cell is. */
export class Languages {
  constructor(
    private readonly all: Readonly<Record<LanguageName, Language>>,
    /** The language of cells without a marker. */
    readonly defaultName: LanguageName,
  ) {}

  named(name: LanguageName): Language {
    return this.all[name];
  }

  /** All of them, in the order in which they are shown. */
  list(): Language[] {
    return LANGUAGES.map((name) => this.all[name]);
  }

  /** What `ask` gets from each of them, by name. */
  async each<T>(ask: (language: Language) => Promise<T>): Promise<Record<LanguageName, T>> {
    const answers = await Promise.all(
      this.list().map(async (language) => [language.name, await ask(language)] as const),
    );
    return Object.fromEntries(answers) as Record<LanguageName, T>;
  }

  /** The language that can do something. */
  able<K extends keyof Capabilities>(
    capability: K,
  ): (Language & Required<Pick<Capabilities, K>>) | undefined {
    return this.list().find(
      (language): language is Language & Required<Pick<Capabilities, K>> =>
        language[capability] !== undefined,
    );
  }

  /** What a cell's source says about itself. */
  parse(source: string): ParsedCell {
    return parseCell(source, this.defaultName);
  }

  /** The language of a piece of code, and the code as that language is given it. */
  codeOf(code: string): { language: Language; text: string } {
    const parsed = this.parse(code);
    return parsed.kind === 'cell'
      ? { language: this.named(parsed.language), text: parsed.code }
      : { language: this.named(this.defaultName), text: code };
  }
}
