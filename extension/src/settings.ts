import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

/** The plugin whose settings are all of Ferrobook's. */
export const SETTINGS_ID = '@ferrobook/extension:plugin';

/** Settings, and the class of the page that takes effect where one is off. */
const SETTINGS = [
  { name: 'timing', whenOff: 'ferrobook-mod-noTiming' },
  { name: 'chip', whenOff: 'ferrobook-mod-noChip' },
];

/** Applies `schema/plugin.json`. */
export const settings: JupyterFrontEndPlugin<void> = {
  id: SETTINGS_ID,
  description: 'Settings of Ferrobook.',
  autoStart: true,
  requires: [ISettingRegistry],
  activate: async (_app, registry: ISettingRegistry) => {
    const values = await registry.load(SETTINGS_ID);
    const apply = (): void => {
      for (const { name, whenOff } of SETTINGS) {
        document.body.classList.toggle(whenOff, values.get(name).composite === false);
      }
    };
    apply();
    values.changed.connect(apply);
  },
};
