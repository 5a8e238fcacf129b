export const packageName = "@aivillage/token-budget";
