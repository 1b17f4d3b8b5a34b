import { LANGUAGES, type LanguageName, languageNamed } from '@ferrobook/notebook';
import type { MagicDefinition } from './magic';

const RESTARTED: Record<LanguageName, string> = {
  python: 'Python starts afresh: its variables and imports are gone. Rust keeps everything.',
  rust: 'Rust starts afresh: its variables, items and crates are gone. Python keeps everything.',
};

export const restart: MagicDefinition = {
  name: 'restart',
  words: LANGUAGES,
  help: `Start one language afresh; the other keeps everything.

\`\`%restart rust\`\`    its variables, items and crates go
\`\`%restart python\`\`  its variables and imports go
`,
  async run(word, targets) {
    const language = languageNamed(word) ?? 'rust';
    await targets.restart(language);
    return { 'text/plain': RESTARTED[language] };
  },
};
