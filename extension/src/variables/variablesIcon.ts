import { LabIcon } from '@jupyterlab/ui-components';

/** An x in braces. */
export const variablesIcon = new LabIcon({
  name: 'ferrobook:variables',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill: none" stroke="#616161" stroke-width="2" stroke-linecap="round">
    <path d="M8 4C4 4 7 11 3 12c4 1 1 8 5 8M16 4c4 0 1 7 5 8-4 1-1 8-5 8M9.5 9.5l5 5M14.5 9.5l-5 5" />
  </g>
</svg>`,
});
