import { cellType } from './cellType';
import { checking } from './checking';
import { chip } from './chip';
import { commands } from './commands';
import { highlighting } from './highlighting';
import { metadata } from './metadata';
import { settings } from './settings';
import { timing } from './timing';

/** JupyterLab loads these; each can be disabled on its own. */
export default [highlighting, chip, cellType, commands, metadata, timing, checking, settings];
