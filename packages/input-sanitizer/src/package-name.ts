export const packageName = "@aivillage/input-sanitizer";
