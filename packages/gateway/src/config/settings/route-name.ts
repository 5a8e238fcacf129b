/** A name for what belongs to one route in limits, health and metrics, such as `v1.notes.id` for `/v1/notes/{id}`. */
export function routeName(path: string): string {
  return path
    .slice(1)
    .replaceAll(/[{}]/g, "")
    .replaceAll(/[^\w.-]/g, ".");
}
