export * from "./cancel.ts";
export * from "./compute-provider-contract.ts";
export * from "./data-catalogue-cases.ts";
export * from "./fake-compute-provider.ts";
export * from "./file-source-cases.ts";
export * from "./identity-provider-cases.ts";
export * from "./may-read-cases.ts";
export * from "./walk.ts";
