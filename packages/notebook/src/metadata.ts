/** The key of Ferrobook's metadata, in replies and in the cells of notebooks alike. */
export const METADATA_KEY = 'ferrobook';
