import { cellType } from './cellType';
import { checking } from './checking';
import { chip } from './chip';
import { commands } from './commands';
import { highlighting } from './highlighting';
import { keepLanguage } from './keepLanguage';
import { metadata } from './metadata';
import { restart } from './restart';
import { settings } from './settings';
import { statusItem } from './statusItem';
import { timing } from './timing';
import { timingPanel } from './timingPanel';
import { variablesPanel } from './variablesPanel';

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
