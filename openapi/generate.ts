import { writeFileSync } from 'node:fs';
import { eventSchemas } from '../src/http/event-schemas.ts';
import { openapiDocument } from '../src/http/openapi-document.ts';

// Writes the documents that are checked in here. A test fails where they are not what this writes.

const write = (name: string, document: object): void =>
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(document, null, 2)}\n`);

write('openapi.json', await openapiDocument());
for (const [name, schema] of Object.entries(eventSchemas())) write(`events/${name}`, schema);
