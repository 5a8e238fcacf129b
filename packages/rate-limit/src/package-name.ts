export const packageName = "@aivillage/rate-limit";
