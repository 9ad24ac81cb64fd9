import type { Taxonomy } from '../domain/taxonomy.ts';
import { loadTaxonomy } from './load.ts';

// Part of the package, like its code: read once. Detectors that we write name only these; whatever an operator can extend
// is given the running service's taxonomy instead.
export const SHIPPED: Taxonomy = loadTaxonomy();
