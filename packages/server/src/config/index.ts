export { type Config, type FacilityNames, listenAddresses } from "./config.ts";
export { demandDevelopment, developmentGuard } from "./development-guard.ts";
export { usage } from "./options.ts";
export { readConfig, type Surroundings } from "./read.ts";
