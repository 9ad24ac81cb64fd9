import { SHIPPED } from '../../src/taxonomy/shipped.ts';

export const { categories: CATEGORIES } = SHIPPED;
export const CATEGORY_IDS: readonly string[] = CATEGORIES.map(({ id }) => id);
