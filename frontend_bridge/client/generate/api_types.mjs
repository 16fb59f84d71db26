// Writes the TypeScript of an OpenAPI document to standard output: node api_types.mjs openapi.json
//
// Refusals are left out, since all of them are one problem; and what is 0x-hex by its pattern gets
// viem's type of it in the place of string.
import { readFile } from "node:fs/promises";
import openapiTS, { astToString, stringToAST } from "openapi-typescript";

const document = JSON.parse(await readFile(process.argv[2], "utf8"));
for (const path of Object.values(document.paths)) {
  for (const operation of Object.values(path)) {
    const answers = Object.entries(operation.responses ?? {});
    operation.responses = Object.fromEntries(answers.filter(([status]) => status < "300"));
  }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a type
const [hex] = stringToAST("type T = `0x${string}`");
const types = await openapiTS(document, {
  defaultNonNullable: false,
  emptyObjectsUnknown: true,
  immutable: true,
  transform: (schema) => (schema.pattern?.startsWith("^0x") ? hex.type : undefined),
});
process.stdout.write(astToString(types));
