export const packageName = "@aivillage/admission";
