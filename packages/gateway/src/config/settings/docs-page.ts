import { documentedTypes } from "@aivillage/middleware";

/** The folder of the pages about error types is in the folder of all pages. */
const [base = ""] = documentedTypes.split("problems/");

/** The URL of a page of the documentation, such as `configuration.md`. */
export function docsPage(path: string): string {
  return base + path;
}
