import { checking } from './diagnostics/checking';
import { restart } from './kernel/restart';
import { statusItem } from './kernel/statusItem';
import { cellType } from './language/cellType';
import { chip } from './language/chip';
import { commands } from './language/commands';
import { highlighting } from './language/highlighting';
import { keepLanguage } from './language/keepLanguage';
import { metadata } from './language/metadata';
import { timing } from './timing/timing';
import { timingPanel } from './timing/timingPanel';
import { variablesPanel } from './variables/variablesPanel';
import { settings } from './settings';

/** JupyterLab loads these; each can be disabled on its own. */
export default [
  highlighting,
  chip,
  cellType,
  commands,
  keepLanguage,
  metadata,
  timing,
  timingPanel,
  variablesPanel,
  checking,
  restart,
  statusItem,
  settings,
];
