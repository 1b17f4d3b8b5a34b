import type { JSHandle, Locator, Page } from 'playwright-core';

/** What the tests use of the application that `--expose-app-in-browser` offers. */
interface ExposedApp {
  commands: { execute: (id: string, args?: object) => Promise<unknown> };
  shell: { activateById: (id: string) => void; currentWidget: unknown };
}

/** And of a notebook in it. */
interface ExposedPanel {
  id: string;
  sessionContext: {
    changeKernel: (kernel: { name: string }) => Promise<unknown>;
    shutdown: () => Promise<void>;
    session: { kernel: { id: string; status: string } | null } | null;
  };
  content: {
    activeCellIndex: number;
    scrollToItem: (index: number) => Promise<void>;
    activate: () => void;
    widgets: {
      isPlaceholder: () => boolean;
      model: { sharedModel: { getSource: () => string } };
    }[];
  };
  dispose: () => void;
}

/** How a notebook is opened. */
export interface Opening {
  /** The id of a running kernel; a new one of the kind that the notebook names otherwise. */
  kernel?: string;
  /** Its kernel is not waited for. */
  busy?: boolean;
  /** To the right of what is open. */
  beside?: boolean;
}

declare global {
  interface Window {
    jupyterapp: ExposedApp;
  }
}

/** A notebook as a person sees it in JupyterLab. Cells count from 0. */
export class NotebookPage {
  /** The cell types that the toolbar offers. */
  readonly cellType: Locator;

  private constructor(
    readonly page: Page,
    private readonly panel: JSHandle<ExposedPanel>,
    private readonly root: Locator,
  ) {
    this.cellType = root.getByLabel('Cell type');
  }

  /** Opens a notebook and waits for its kernel. */
  static async open(page: Page, path: string, opening: Opening = {}): Promise<NotebookPage> {
    const { kernel, busy = false, beside = false } = opening;
    const args = {
      path,
      ...(kernel === undefined ? {} : { kernel: { id: kernel } }),
      ...(beside ? { options: { mode: 'split-right' } } : {}),
    };
    const panel = await page.evaluateHandle(
      (options) =>
        window.jupyterapp.commands.execute('docmanager:open', options) as Promise<ExposedPanel>,
      args,
    );
    return NotebookPage.of(page, panel, busy);
  }

  /** Opens a second view of the notebook, beside it. */
  async openView(): Promise<NotebookPage> {
    await this.activate();
    await this.execute('docmanager:clone');
    const view = await this.page.waitForFunction((first) => {
      const { currentWidget } = window.jupyterapp.shell;
      return currentWidget === first ? null : currentWidget;
    }, this.panel);
    return NotebookPage.of(this.page, view as JSHandle<ExposedPanel>, false);
  }

  private static async of(
    page: Page,
    panel: JSHandle<ExposedPanel>,
    busy: boolean,
  ): Promise<NotebookPage> {
    const root = page.locator(`[id="${await panel.evaluate(({ id }) => id)}"]`);
    await root.locator('.jp-Notebook .jp-Notebook-cell').first().waitFor();
    await page.waitForFunction(
      ({ opened, isEnough }) => {
        const kernel = opened.sessionContext.session?.kernel;
        return kernel?.status === 'idle' || (isEnough && typeof kernel?.id === 'string');
      },
      { opened: panel, isEnough: busy },
    );
    return new NotebookPage(page, panel, root);
  }

  /** Closes the notebook unsaved; its kernel runs on. */
  async close(): Promise<void> {
    await this.panel.evaluate((panel) => {
      panel.dispose();
    });
  }

  /** Makes it the current one. */
  async activate(): Promise<void> {
    await this.panel.evaluate(({ id }) => {
      window.jupyterapp.shell.activateById(id);
    });
    await this.page.waitForFunction(
      (panel) => window.jupyterapp.shell.currentWidget === panel,
      this.panel,
    );
  }

  async shutDownKernel(): Promise<void> {
    await this.panel.evaluate(({ sessionContext }) => sessionContext.shutdown());
  }

  async kernelId(): Promise<string> {
    return this.panel.evaluate(({ sessionContext }) => sessionContext.session?.kernel?.id ?? '');
  }

  cells(): Locator {
    return this.root.locator('.jp-Notebook .jp-Notebook-cell');
  }

  cell(index: number): Locator {
    return this.cells().nth(index);
  }

  /** What a cell shows below its code. */
  async output(index: number): Promise<string> {
    const outputs = this.cell(index).locator('.jp-OutputArea-output');
    return (await outputs.allTextContents()).join('');
  }

  chip(index: number): Locator {
    return this.cell(index).locator('.ferrobook-Chip');
  }

  /** What is seen of a chip. */
  async chipText(index: number): Promise<string> {
    return this.chip(index).innerText();
  }

  /** The time of a cell that has ended. */
  timing(index: number): Locator {
    return this.cell(index).getByLabel('Execution time');
  }

  /** The clock of one that has not. */
  clock(index: number): Locator {
    return this.cell(index).getByLabel('Running time');
  }

  async source(index: number): Promise<string> {
    return (await this.sources())[index] ?? `no cell ${index}`;
  }

  async sources(): Promise<string[]> {
    return this.panel.evaluate(({ content }) =>
      content.widgets.map(({ model }) => model.sharedModel.getSource()),
    );
  }

  /** Makes a cell the active one, in command mode. */
  async select(index: number): Promise<void> {
    await this.cell(index).locator('.jp-InputPrompt').click();
  }

  /** Makes a cell the active one, and runs it. */
  async run(index: number): Promise<void> {
    await this.select(index);
    await this.press('Control+Enter');
  }

  /** Makes a cell the active one, runs it, and waits for its end. */
  async runToEnd(index: number): Promise<void> {
    await this.select(index);
    await this.execute('notebook:run-cell');
  }

  /** Puts the cursor into a cell. */
  async edit(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
  }

  press(...keys: string[]): Promise<void> {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), done());
  }

  async chooseType(label: string): Promise<void> {
    await this.cellType.selectOption({ label });
  }

  async offeredTypes(): Promise<string[]> {
    return this.cellType.locator('option').allTextContents();
  }

  async shownType(): Promise<string> {
    return this.cellType.evaluate(
      (menu) => (menu as HTMLSelectElement).selectedOptions[0]?.textContent ?? '',
    );
  }

  /** Moves the mouse to the middle of an element, and scrolls nothing. */
  async pointAt(element: Locator): Promise<void> {
    const box = await element.boundingBox();
    if (box === null) throw new Error('there is nothing to point at');
    await this.page.mouse.move(0, 0);
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
  }

  /** The colour of a word in a cell's editor, which is a keyword's if the grammar knows it. */
  async colourOf(index: number, word: string): Promise<string> {
    return this.cell(index)
      .locator('.cm-content')
      .evaluate((content, wanted) => {
        const words = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
        while (words.nextNode()) {
          const { parentElement, textContent } = words.currentNode;
          if (parentElement !== null && (textContent ?? '').split(/\s+/).includes(wanted)) {
            return getComputedStyle(parentElement).color;
          }
        }
        return `no ${wanted}`;
      }, word);
  }

  async save(): Promise<void> {
    await this.execute('docmanager:save');
  }

  async execute(command: string, args: object = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, options]) => {
        await window.jupyterapp.commands.execute(id, options);
      },
      [command, args] as const,
    );
  }

  /** Scrolls to a cell and makes it the active one, in command mode. */
  async reveal(index: number): Promise<void> {
    await this.panel.evaluate(async ({ content }, place) => {
      content.activeCellIndex = place;
      await content.scrollToItem(place);
      content.activate();
    }, index);
  }

  /** Waits for the parts of all cells, which JupyterLab makes when it has nothing else to do. */
  async rendered(): Promise<void> {
    await this.page.waitForFunction(
      ({ content }) => content.widgets.every((cell) => !cell.isPlaceholder()),
      this.panel,
    );
  }

  async useTheme(theme: string): Promise<void> {
    await this.execute('apputils:change-theme', { theme });
    await this.page.locator(`body[data-jp-theme-name="${theme}"]`).waitFor({ state: 'attached' });
  }

  async changeKernel(name: string): Promise<void> {
    await this.panel.evaluate(
      ({ sessionContext }, kernel) => sessionContext.changeKernel({ name: kernel }),
      name,
    );
  }
}

function done(): Promise<void> {
  return Promise.resolve();
}

/** How well an element's text can be read: WCAG's contrast ratio, 4.5 or more for small text. */
export async function contrast(element: Locator): Promise<number> {
  return element.evaluate((node) => {
    interface Colour {
      rgb: number[];
      alpha: number;
    }
    const parse = (text: string): Colour => {
      const [r = 0, g = 0, b = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return { rgb: [r, g, b], alpha };
    };
    const over = (top: Colour, below: number[]): number[] =>
      top.rgb.map((value, i) => value * top.alpha + (below[i] ?? 0) * (1 - top.alpha));
    const luminance = (rgb: number[]): number => {
      const [r = 0, g = 0, b = 0] = rgb.map((value) =>
        value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };

    const backgrounds: Colour[] = [];
    for (let at: Element | null = node; at !== null; at = at.parentElement) {
      backgrounds.push(parse(getComputedStyle(at).backgroundColor));
    }
    const background = backgrounds.reduceRight((below, top) => over(top, below), [255, 255, 255]);
    const text = over(parse(getComputedStyle(node).color), background);
    const [dark = 0, light = 0] = [luminance(text), luminance(background)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  });
}
