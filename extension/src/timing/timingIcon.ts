import { LabIcon } from '@jupyterlab/ui-components';

/** A stopwatch. */
export const timingIcon = new LabIcon({
  name: 'ferrobook:timing',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill: none" stroke="#616161" stroke-width="2" stroke-linecap="round">
    <circle cx="12" cy="14" r="8" /><path d="M12 14V9M9 2h6M18.5 5.5l1.5 1.5" />
  </g>
</svg>`,
});
