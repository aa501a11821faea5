export * from "./identity-provider-cases.ts";
export * from "./walk.ts";
