import { copyOf, defaultLanguageOf, findMarker, type LanguageName } from '@ferrobook/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';

/**
 * The language of a notebook's cells without a marker; `undefined` where the kernel is none of Ferrobook's. A notebook
 * whose kernel is not running goes by the kernelspec that it was saved with.
 */
export function defaultLanguage({
  context,
}: Pick<NotebookPanel, 'context'>): LanguageName | undefined {
  const name = context.sessionContext.session?.kernel?.name ?? savedKernelspec(context);
  return name === undefined ? undefined : defaultLanguageOf(name);
}

/** Calls `changed` whenever {@link defaultLanguage} may have another answer. */
export function onDefaultLanguageChanged(panel: NotebookPanel, changed: () => void): void {
  panel.sessionContext.kernelChanged.connect(changed);
  panel.context.model.metadataChanged.connect((_, { key }) => {
    if (key === 'kernelspec') changed();
  });
}

/** Whether a notebook's kernel is one of Ferrobook's, or some cell is marked as Rust all the same. */
export function usesFerrobook(panel: NotebookPanel): boolean {
  return (
    defaultLanguage(panel) !== undefined ||
    panel.content.widgets.some(
      ({ model }) =>
        model.type === 'code' && findMarker(model.sharedModel.getSource())?.language === 'rust',
    )
  );
}

function savedKernelspec({ model }: NotebookPanel['context']): string | undefined {
  const { name } = copyOf(model.getMetadata('kernelspec'));
  return typeof name === 'string' ? name : undefined;
}
