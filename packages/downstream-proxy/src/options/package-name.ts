export const packageName = "@aivillage/downstream-proxy";
