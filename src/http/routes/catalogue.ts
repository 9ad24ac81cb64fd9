import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import { categoryPageSchema, rulePageSchema, wholeList } from '../schemas/rule.ts';

// What the monitor looks for: the rules that are loaded and the categories they label with.

export const registerCatalogue = (
  app: HttpApp,
  { rules, categories }: Pick<HttpDeps, 'rules' | 'categories'>,
): void => {
  app.route({
    method: 'GET',
    url: '/v1/rules',
    schema: {
      operationId: 'listRules',
      tags: ['catalogue'],
      summary: 'The rules that are loaded',
      querystring: noQuerySchema,
      response: { 200: answer('All of them.', rulePageSchema), ...problems(...COMMON_PROBLEMS) },
    },
    handler: async () => wholeList(rules()),
  });
  app.route({
    method: 'GET',
    url: '/v1/categories',
    schema: {
      operationId: 'listCategories',
      tags: ['catalogue'],
      summary: 'The categories that findings are labelled with',
      querystring: noQuerySchema,
      response: { 200: answer('All of them.', categoryPageSchema), ...problems(...COMMON_PROBLEMS) },
    },
    handler: async () => wholeList(categories),
  });
};
