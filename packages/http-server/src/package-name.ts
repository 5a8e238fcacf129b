export const packageName = "@aivillage/http-server";
