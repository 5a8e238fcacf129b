export const packageName = "@aivillage/console";
